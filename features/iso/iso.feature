Feature: Users are kept apart
  A plugin belongs to the user that it proved to be. Commands go to that user's sockets, and only they can answer.

  @interop @judges:ISO-1
  Scenario Outline: A connection that names no user is refused: <how>
    When a plugin connects <how>
    Then the hub refuses it

    Examples:
      | how                       |
      | without auth              |
      | with auth {"token": "no"} |

  @judges:ISO-2
  Scenario: A command reaches only the plugins of its user
    Given user 1 has a plugin that answers {"user": 1}
    And user 2 has a plugin that answers {"user": 2}
    When the backend asks user 2 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 2}
    And user 1's plugin has received no command

  @judges:ISO-3
  Scenario: Users whose ids look alike never mix
    Given user 1 has a plugin that answers {"user": 1}
    And user 11 has a plugin that answers {"user": 11}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 1}
    And user 11's plugin has received no command
    When the backend asks user 11 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 11}

  @judges:ISO-4
  Scenario: Both tabs of a user get the command, and the first answer wins
    Given user 1 has a plugin that answers {"tab": 1} after 1 second
    And user 1 has a plugin that answers {"tab": 2} only once the call has ended
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"tab": 1}

  @judges:ISO-4
  Scenario: A tab may send its answer through another tab of its user
    Given user 1 has a plugin that behaves as in "through-another-tab"
    And user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"shop_id": 123}

  @judges:ISO-5
  Scenario: A user whose only plugin has left is not connected
    Given user 1 has a plugin that answers {"imported": 3}
    When user 1's plugin disconnects
    Then the hub counts 0 sockets of user 1
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails with "User 1 not connected via WebSocket"

  @judges:ISO-5
  Scenario: A user is connected until the last of two tabs has left
    Given user 1 has a plugin that answers {"tab": 1}
    And user 1 has a plugin that answers {"tab": 2}
    When user 1's first plugin disconnects
    Then the hub counts 1 socket of user 1
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"tab": 2}
    When user 1's plugin disconnects
    Then the hub counts 0 sockets of user 1
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call fails with "User 1 not connected via WebSocket"

  @judges:ISO-6
  Scenario: After a reconnect commands reach the new socket
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When user 1's plugin disconnects
    Then the hub counts 0 sockets of user 1
    When user 1's plugin connects again
    And the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:ISO-7
  Scenario: An answer from another user's socket settles nothing
    Given user 1 has a plugin that answers {"from": "user 1"} after 20 seconds
    And user 2 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    And user 2's plugin answers user 1's command with {"from": "user 2"}
    Then the call returns {"from": "user 1"}
