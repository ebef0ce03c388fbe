Feature: Jobs act on the answers
  A job asks its user's plugin and turns what comes back, or what went wrong, into its result.

  @judges:JOB-1
  Scenario: Test 1, normal communication: the plugin answers and the job completes
    Given user 1 has a plugin that answers {"imported": 3, "updated": 1} after 2 seconds
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 3, "updated": 1}
    And the job's result says marketplace "vinted" and action "sync"
    And the job is completed

  @judges:JOB-4
  Scenario: Test 2, user not connected: the job's error says so
    Given a sync job of user 999
    When the next job of user 999 is processed
    Then the job fails with an error that contains "not connected"

  @judges:JOB-4
  Scenario: Test 3, plugin timeout: the job's error says so
    Given user 1 has a plugin that never answers
    And a sync job of user 1 with a timeout of 3 seconds
    When the next job of user 1 is processed
    Then the job fails with an error that contains "timeout"

  @judges:JOB-4
  Scenario: Test 4, the plugin returns an error: the job's error says which
    Given user 1 has a plugin that fails with "Vinted API error"
    And a sync job of user 1
    When the next job of user 1 is processed
    Then the job fails with an error that contains "Vinted API error"

  @judges:JOB-2
  Scenario: The job's command is its handler's, with the shop in its payload
    Given user 1 has a plugin that answers {"id": 5}
    And a publish job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds

  @judges:JOB-3
  Scenario: A failure is reported, not thrown
    Given user 1 has a plugin that responds with {"success": false, "error": "NO_VINTED_TAB"}
    And a delete job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job fails with an error that contains "NO_VINTED_TAB"
    And the job is pending

  @judges:JOB-5
  Scenario: A sync counts what the plugin found in a wardrobe of three pages
    Given shop 123 has 200 listings at Vinted
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 200, "updated": 0}

  @judges:JOB-8
  Scenario: Without a job nothing is done
    Given user 1 has a plugin that answers {"imported": 3}
    When the next job of user 1 is processed
    Then there is no job to process
    And user 1's plugin has received no command

  @judges:PERF-2
  Scenario: A job reports the time that it took
    Given user 1 has a plugin that answers {"imported": 3, "updated": 1} after 20 seconds
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 3, "updated": 1}
