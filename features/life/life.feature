Feature: Connections come and go
  Tabs are closed, laptops sleep. A call whose plugin is gone does not wait for ever.

  @judges:LIFE-1
  Scenario: A call whose plugin disconnects ends at its timeout at the latest
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 20 seconds
    And the command has come to a plugin
    And user 1's plugin disconnects
    Then the call fails
    And no call is pending at the hub

  @judges:LIFE-1
  Scenario: A call whose plugins all disconnect ends at its timeout at the latest
    Given user 1 has a plugin that never answers
    And user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 20 seconds
    And the command has come to every plugin of user 1
    And user 1's first plugin disconnects
    And user 1's plugin disconnects
    Then the call fails
    And no call is pending at the hub

  @judges:LIFE-1
  Scenario Outline: A plugin that leaves instead of answering does not hold its call up for ever: <behaviour>
    Given user 1 has a plugin that behaves as in "<behaviour>"
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 20 seconds
    Then the call fails
    And no call is pending at the hub

    Examples:
      | behaviour  |
      | hangs-up   |
      | breaks-off |

  @judges:LIFE-1
  Scenario: A plugin that is back after the deadline answers the next call
    Given user 1 has a plugin that behaves as in "comes-back-late"
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 20 seconds
    Then the call fails
    When user 1's plugin has connected again
    And the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:LIFE-2
  Scenario: A call fails at once when its user's last socket leaves
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 20 seconds
    And the command has come to a plugin
    And user 1's plugin disconnects
    Then the call fails

  @judges:LIFE-3
  Scenario: The answer may come from another tab when one has left
    Given user 1 has a plugin that never answers
    And user 1 has a plugin that answers {"tab": 2} after 20 seconds
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    And the command has come to every plugin of user 1
    And user 1's first plugin disconnects
    Then the call returns {"tab": 2}

  @judges:LIFE-3
  Scenario: The answer may come from a tab that has lost its connection and is back before the deadline
    Given user 1 has a plugin that behaves so:
      """
      [otherwise]
      replies = [{ when = "reconnected", say = "payload" }]
      """
    And user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    And the command has come to every plugin of user 1
    And user 1's first plugin loses its connection for 5 seconds
    Then the call returns {"shop_id": 123}
