Feature: Load leaves nothing behind
  A hub runs for months. What a call took is given back when the call is over.

  @judges:PERF-3
  Scenario: After many calls that were answered nothing is pending
    Given 10 users, from user 1 on, have plugins that answer with the command's own payload
    When the backend asks each of the 10 users, from user 1 on, for VINTED_SYNC 4 times over, each time within 300 seconds
    Then the hub is at rest
    When the backend asks each of the 10 users, from user 1 on, for VINTED_SYNC 6 times over, each time within 300 seconds
    Then the hub is at rest

  @judges:PERF-3
  Scenario: After many calls that timed out nothing is pending
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC 100 times at once, each with a payload {"n": its number}, within 20 seconds
    Then every call has ended
    And the hub is at rest
