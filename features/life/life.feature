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
