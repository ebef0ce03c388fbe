Feature: Jobs act on the answers
  A job asks its user's plugin and turns what comes back, or what went wrong, into its result.

  @interop @judges:JOB-1
  Scenario: Test 1, normal communication: the plugin answers and the job completes
    Given user 1 has a plugin that answers {"imported": 3, "updated": 1} after 2 seconds
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 3, "updated": 1}
    And the job's result says marketplace "vinted" and action "sync"
    And the job is completed

  @judges:JOB-1
  Scenario Outline: A <action> job completes with what the plugin answered
    Given user 1 has a plugin that answers {"id": 5, "title": "Robe d'été 👗"}
    And a <action> job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds
    And the job's result says marketplace "vinted" and action "<action>"
    And the job is completed

    Examples:
      | action  |
      | publish |
      | update  |
      | delete  |
      | orders  |

  @interop @judges:JOB-4
  Scenario: Test 2, user not connected: the job's error says so
    Given a sync job of user 999
    When the next job of user 999 is processed
    Then the job fails with an error that contains "not connected"

  @interop @judges:JOB-4
  Scenario: Test 3, plugin timeout: the job's error says so
    Given user 1 has a plugin that never answers
    And a sync job of user 1 with a timeout of 3 seconds
    When the next job of user 1 is processed
    Then the job fails with an error that contains "timeout"

  @interop @judges:JOB-4
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

  @judges:JOB-2
  Scenario Outline: The command of a <action> job is <command>
    Given user 1 has a plugin that answers {"imported": 0, "updated": 0}
    And a <action> job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds
    And user 1's plugin has received <command> {"shop_id": 123}

    Examples:
      | action  | command        |
      | sync    | VINTED_SYNC    |
      | publish | VINTED_PUBLISH |
      | update  | VINTED_UPDATE  |
      | delete  | VINTED_DELETE  |
      | orders  | VINTED_ORDERS  |

  @judges:JOB-2
  Scenario: The job's input goes with the shop
    Given user 1 has a plugin that answers {"id": 5}
    And a publish job of user 1 for shop 123 with the input {"title": "Jean 👖", "price": 28.9, "photos": []}
    When the next job of user 1 is processed
    Then the job succeeds
    And user 1's plugin has received VINTED_PUBLISH {"title": "Jean 👖", "price": 28.9, "photos": [], "shop_id": 123}

  @judges:JOB-3
  Scenario: A failure is reported, not thrown
    Given user 1 has a plugin that responds with {"success": false, "error": "NO_VINTED_TAB"}
    And a delete job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job fails with an error that contains "NO_VINTED_TAB"
    And the job is pending

  @judges:JOB-3
  Scenario Outline: A response of <members> fails the job in order
    Given user 1 has a plugin that responds with <members>
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job fails with an error that contains "<text>"
    And the job is pending

    Examples:
      | members                                              | text                  |
      | {"success": false, "error": "SESSION_EXPIRED"}       | SESSION_EXPIRED       |
      | {"success": false, "error": "Erreur: 403 👗 refusé"} | Erreur: 403 👗 refusé |

  @interop @judges:JOB-5
  Scenario: A sync counts what the plugin found in a wardrobe of three pages
    Given shop 123 has 200 listings at Vinted
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 200, "updated": 0}

  @judges:JOB-5
  Scenario Outline: A sync counts <listings> listings
    Given shop 123 has <listings> listings at Vinted
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": <listings>, "updated": 0}

    Examples:
      | listings |
      | 0        |
      | 1        |
      | 96       |
      | 97       |

  @judges:JOB-5
  Scenario: A second sync of the same wardrobe imports nothing
    Given shop 123 has 5 listings at Vinted
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 5, "updated": 0}
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 0, "updated": 0}

  @judges:JOB-6
  Scenario: The most urgent job runs first
    Given user 1 has a plugin that answers with the command's own payload
    And a publish job of user 1 for shop 4 with priority 4
    And a publish job of user 1 for shop 3
    And a publish job of user 1 for shop 1 with priority 1
    When the next job of user 1 is processed
    Then the job that ran is that of shop 1
    When the next job of user 1 is processed
    Then the job that ran is that of shop 3
    When the next job of user 1 is processed
    Then the job that ran is that of shop 4

  @judges:JOB-6
  Scenario: Of equally urgent jobs the oldest runs first
    Given user 1 has a plugin that answers with the command's own payload
    And a publish job of user 1 for shop 7 with priority 2
    And a publish job of user 1 for shop 8 with priority 2
    When the next job of user 1 is processed
    Then the job that ran is that of shop 7
    When the next job of user 1 is processed
    Then the job that ran is that of shop 8

  @judges:JOB-6
  Scenario: Urgency comes before age, and age decides among equals
    Given user 1 has a plugin that answers with the command's own payload
    And a publish job of user 1 for shop 41 with priority 4
    And a publish job of user 1 for shop 21 with priority 2
    And a publish job of user 1 for shop 31
    And a publish job of user 1 for shop 22 with priority 2
    And a publish job of user 1 for shop 11 with priority 1
    When the next job of user 1 is processed
    Then the job that ran is that of shop 11
    When the next job of user 1 is processed
    Then the job that ran is that of shop 21
    Given a publish job of user 1 for shop 12 with priority 1
    When the next job of user 1 is processed
    Then the job that ran is that of shop 12
    When the next job of user 1 is processed
    Then the job that ran is that of shop 22
    When the next job of user 1 is processed
    Then the job that ran is that of shop 31
    When the next job of user 1 is processed
    Then the job that ran is that of shop 41

  @judges:JOB-7
  Scenario: A job is tried three times in all
    Given user 1 has a plugin that fails with "Vinted API error"
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job will be tried again, after 1 failed attempt
    And the job is pending
    When the next job of user 1 is processed
    Then the job will be tried again, after 2 failed attempts
    When the next job of user 1 is processed
    Then the job will not be tried again, after 3 failed attempts
    And the job is failed
    When the next job of user 1 is processed
    Then there is no job to process

  @judges:JOB-7
  Scenario: A job that fails for different reasons is tried three times all the same
    Given a sync job of user 1 for shop 123 with a timeout of 2 seconds
    When the next job of user 1 is processed
    Then the job fails with an error that contains "not connected"
    Given user 1 has a plugin that never answers
    When the next job of user 1 is processed
    Then the job fails with an error that contains "timeout"
    When the next job of user 1 is processed
    Then the job will not be tried again, after 3 failed attempts
    And the job is failed

  @judges:JOB-8
  Scenario: Without a job nothing is done
    Given user 1 has a plugin that answers {"imported": 3}
    When the next job of user 1 is processed
    Then there is no job to process
    And user 1's plugin has received no command

  @judges:JOB-8
  Scenario: A job that is done is not done again
    Given user 1 has a plugin that answers {"imported": 3, "updated": 0}
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 3, "updated": 0}
    When the next job of user 1 is processed
    Then there is no job to process

  @judges:JOB-9
  Scenario Outline: A job that no handler takes fails and says which: <action>
    Given user 1 has a plugin that answers {"imported": 3}
    And a <action> job of user 1
    When the next job of user 1 is processed
    Then the job fails with an error that contains "Unknown action: <action>_vinted"
    And user 1's plugin has received no command

    Examples:
      | action  |
      | dance   |
      | synch   |

  @judges:JOB-9
  Scenario: A job of a marketplace that no handler knows fails and says which
    Given user 1 has a plugin that answers {"imported": 3}
    And a sync job of user 1 at the marketplace "ebay"
    When the next job of user 1 is processed
    Then the job fails with an error that contains "Unknown action: sync_ebay"
    And user 1's plugin has received no command

  @judges:JOB-10
  Scenario: A job that nobody processed for more than an hour has expired
    Given user 1 has a plugin that answers {"imported": 3}
    And a sync job of user 1 for shop 123
    When the hub's clock is advanced by 3700 seconds
    Then the job is expired
    When the next job of user 1 is processed
    Then there is no job to process
    And user 1's plugin has received no command

  @judges:JOB-10
  Scenario: A job that has waited for less than an hour is run
    Given user 1 has a plugin that answers {"imported": 3, "updated": 1}
    And a sync job of user 1 for shop 123
    When the hub's clock is advanced by 3500 seconds
    Then the job is pending
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 3, "updated": 1}

  @judges:JOB-10
  Scenario: A job that has expired stands in no younger one's way, however urgent it was
    Given user 1 has a plugin that answers with the command's own payload
    And a publish job of user 1 for shop 1 with priority 1
    When the hub's clock is advanced by 3000 seconds
    Given a publish job of user 1 for shop 2
    When the hub's clock is advanced by 700 seconds
    And the next job of user 1 is processed
    Then the job that ran is that of shop 2
    When the next job of user 1 is processed
    Then there is no job to process

  @judges:JOB-14
  Scenario: Processing for a user leaves other users' jobs and plugins alone
    Given user 1 has a plugin that answers {"user": 1}
    And user 2 has a plugin that answers {"user": 2}
    And a sync job of user 2 for shop 2 with priority 1
    And a sync job of user 1 for shop 1
    When the next job of user 1 is processed
    Then the job that ran is that of shop 1
    And user 2's plugin has received no command
    When the next job of user 1 is processed
    Then there is no job to process
    When the next job of user 2 is processed
    Then the job that ran is that of shop 2

  @judges:JOB-14
  Scenario: Two users' jobs that wait at once are each their own user's
    Given user 1 has a plugin that answers with the command's own payload
    And user 11 has a plugin that answers with the command's own payload
    And a publish job of user 11 for shop 11
    And a publish job of user 1 for shop 1
    When the next job of user 11 is processed
    Then the job that ran is that of shop 11
    And user 1's plugin has received no command
    When the next job of user 1 is processed
    Then the job that ran is that of shop 1

  @judges:PERF-2
  Scenario: A job reports the time that it took
    Given user 1 has a plugin that answers {"imported": 3, "updated": 1} after 20 seconds
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 3, "updated": 1}

  @judges:PERF-2
  Scenario: A job that fails reports the time that it took, too
    Given user 1 has a plugin that never answers
    And a sync job of user 1 for shop 123 with a timeout of 20 seconds
    When the next job of user 1 is processed
    Then the job fails with an error that contains "timeout"

  @judges:JOB-11
  Scenario: A second processor finds no job while the only one runs
    Given user 1 has a plugin that answers {"imported": 3, "updated": 1} after 20 seconds
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    And the command has come to a plugin
    Then the job is running
    When the next job of user 1 is processed
    Then there is no job to process
    And the job of call 1 succeeds
    And the job is completed

  @judges:JOB-11
  Scenario: A second processor takes the next job while the first one runs
    Given user 1 has a plugin that answers {"id": 5} after 20 seconds
    And a publish job of user 1 for shop 7
    And a publish job of user 1 for shop 8
    When the next job of user 1 is processed
    And the command has come to a plugin
    Then the hub counts 1 socket of user 1
    When the next job of user 1 is processed
    Then the job succeeds
    And the job of call 1 succeeds

  @judges:JOB-11
  Scenario: A job that will be tried again waits for the end of its run
    Given user 1 has a plugin that fails with "NO_VINTED_TAB" after 20 seconds
    And a delete job of user 1 for shop 123
    When the next job of user 1 is processed
    And the command has come to a plugin
    Then the job is running
    When the next job of user 1 is processed
    Then there is no job to process
    And the job of call 1 fails
    And the job is pending
    When the next job of user 1 is processed
    Then the job will be tried again, after 2 failed attempts

  @judges:JOB-12
  Scenario Outline: A job that is cancelled while it runs stays cancelled, though its plugin <outcome>
    Given user 1 has a plugin that <does> after 20 seconds
    And user 2 has a plugin that answers {"imported": 0} after 40 seconds
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    And the command has come to a plugin
    And the backend cancels the job
    Then the job's run ends
    And the job is cancelled
    When the backend asks user 2 for VINTED_SYNC {"shop_id": 2} within 300 seconds
    Then the call returns {"imported": 0}
    And the job is cancelled
    When the next job of user 1 is processed
    Then there is no job to process

    Examples:
      | outcome       | does                                |
      | answers later | answers {"imported": 3}             |
      | fails later   | fails with "VINTED_SESSION_EXPIRED" |

  @judges:JOB-12
  Scenario: A job that is cancelled while it runs stays cancelled, though its plugin never answers
    Given user 1 has a plugin that never answers
    And a sync job of user 1 for shop 123 with a timeout of 20 seconds
    When the next job of user 1 is processed
    And the command has come to a plugin
    And the backend cancels the job
    Then the job's run ends
    And the job is cancelled
    And no call is pending at the hub
    When the next job of user 1 is processed
    Then there is no job to process

  @judges:JOB-13
  Scenario Outline: A sync is no success when page <page> of 3 <mishap>
    Given shop 123 has 200 listings at Vinted
    And page <page> of the wardrobe at Vinted <mishap>
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job fails with an error that contains "<error>"
    And the job is pending

    Examples:
      | page | mishap                           | error                 |
      | 1    | gets 502                         | Vinted API error 502  |
      | 2    | gets 502                         | Vinted API error 502  |
      | 3    | gets 500                         | Vinted API error 500  |
      | 2    | is reset before it was processed | Vinted did not answer |

  @judges:JOB-13
  Scenario: A sync that lost a page is tried again, and is a success once every page comes
    Given shop 123 has 200 listings at Vinted
    And the second GET of the wardrobe at Vinted gets 502
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job will be tried again, after 1 failed attempt
    When the next job of user 1 is processed
    Then the job succeeds
    And the job is completed
