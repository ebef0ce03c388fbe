Feature: Users are kept apart
  A plugin belongs to the user that it proved to be. Commands go to that user's sockets, and only they can answer.

  @interop @judges:ISO-1
  Scenario Outline: A connection that names no user is refused: <how>
    When a plugin connects <how>
    Then the hub refuses it

    Examples:
      | how                                |
      | without auth                       |
      | with auth {"token": "no"}          |
      | with auth {}                       |
      | with auth {"userId": 1}            |
      | with auth {"user": {"user_id": 1}} |

  @interop @judges:ISO-2
  Scenario: A command reaches only the plugins of its user
    Given user 1 has a plugin that answers {"user": 1}
    And user 2 has a plugin that answers {"user": 2}
    When the backend asks user 2 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 2}
    And user 1's plugin has received no command

  @judges:ISO-2
  Scenario: Of 20 users only the one that is asked gets the command
    Given 20 users, from user 1 on, have plugins that answer with the command's own payload
    When the backend asks user 13 for VINTED_ORDERS {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    And user 1's plugin has received no command
    And user 3's plugin has received no command
    And user 20's plugin has received no command

  @judges:ISO-3
  Scenario: Users whose ids look alike never mix
    Given user 1 has a plugin that answers {"user": 1}
    And user 11 has a plugin that answers {"user": 11}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 1}
    And user 11's plugin has received no command
    When the backend asks user 11 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 11}

  @judges:ISO-3
  Scenario Outline: Users <one> and <other> never mix
    Given user <one> has a plugin that answers {"user": "<one>"}
    And user <other> has a plugin that answers {"user": "<other>"}
    When the backend asks user <one> for VINTED_SYNC {"n": 1} within 300 seconds
    Then call 1 returns {"user": "<one>"}
    And user <other>'s plugin has received no command
    When the backend asks user <other> for VINTED_SYNC {"n": 2} within 300 seconds
    Then call 2 returns {"user": "<other>"}

    Examples:
      | one | other |
      | 1   | 111   |
      | 11  | 111   |
      | 1   | 21    |
      | 100 | 10    |

  @judges:ISO-3
  Scenario: A user whose auth names other numbers too is user 1, and not user 11
    Given a plugin with auth {"user_id": 1, "shop_id": 11} that answers {"user": 1}
    And a plugin with auth {"user_id": 11, "shop_id": 1} that answers {"user": 11}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 1}
    And user 11's plugin has received no command

  @interop @judges:ISO-4
  Scenario: Both tabs of a user get the command, and the first answer wins
    Given user 1 has a plugin that answers {"tab": 1} after 1 second
    And user 1 has a plugin that answers {"tab": 2} only once the call has ended
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"tab": 1}

  @interop @judges:ISO-4
  Scenario: Of three tabs the newest may be the first to answer
    Given user 1 has a plugin that answers {"tab": 1} only once the call has ended
    And user 1 has a plugin that answers {"tab": 2} only once the call has ended
    And user 1 has a plugin that answers {"tab": 3} after 2 seconds
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call returns {"tab": 3}
    And no call is pending at the hub

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

  @interop @judges:ISO-5
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

  @judges:ISO-5
  Scenario: One user's leaving does not disconnect another
    Given user 1 has a plugin that answers {"user": 1}
    And user 11 has a plugin that answers {"user": 11}
    When user 1's plugin disconnects
    Then the hub counts 0 sockets of user 1
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call fails with "User 1 not connected via WebSocket"
    When the backend asks user 11 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"user": 11}

  @interop @judges:ISO-6
  Scenario: After a reconnect commands reach the new socket
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When user 1's plugin disconnects
    Then the hub counts 0 sockets of user 1
    When user 1's plugin connects again
    And the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:ISO-6
  Scenario: However often a plugin reconnects, its last socket gets the commands
    Given user 1 has a plugin that answers with the command's own payload
    When user 1's plugin disconnects
    Then the hub counts 0 sockets of user 1
    When user 1's plugin connects again
    And user 1's plugin disconnects
    Then the hub counts 0 sockets of user 1
    When user 1's plugin connects again
    And the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    And the hub counts 1 socket of user 1

  @judges:ISO-6
  Scenario: A tab that reconnects gets the commands beside the one that stayed
    Given user 1 has a plugin that answers {"tab": "stayed"} only once the call has ended
    And user 1 has a plugin that answers {"tab": "came back"}
    When user 1's plugin disconnects
    Then the hub counts 1 socket of user 1
    When user 1's plugin connects again
    And the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"tab": "came back"}

  @judges:ISO-7
  Scenario: An answer from another user's socket settles nothing
    Given user 1 has a plugin that answers {"from": "user 1"} after 20 seconds
    And user 2 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    And user 2's plugin answers user 1's command with {"from": "user 2"}
    Then the call returns {"from": "user 1"}

  @interop @judges:ISO-11
  Scenario: A command that is sent right after the CONNECT reply reaches the plugin
    When the backend asks user 1 for VINTED_SYNC {"n": "too early"} within 300 seconds
    Then the call fails with "User 1 not connected via WebSocket"
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}

  @judges:ISO-11
  Scenario: So it does while calls of others are in flight
    Given 3 users, from user 2 on, have plugins that answer only when told to
    When the backend asks each of the 3 users, from user 2 on, for VINTED_SYNC at once, each with a payload {"n": its number}, within 300 seconds
    And every call's command has come to a plugin
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": "new"} within 300 seconds
    Then the call returns {"n": "new"}
    When the plugins answer every call in flight with its own payload
    Then every call returns its own payload

  @judges:ISO-11
  Scenario: So it does right after a reconnect
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When user 1's plugin disconnects
    And user 1's plugin connects again
    And the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:ISO-8
  Scenario Outline: An odd user id is refused: <id>
    When a plugin connects with auth {"user_id": <id>}
    Then the hub refuses it

    Examples:
      | id   |
      | 0    |
      | ""   |
      | null |
      | true |
      | 1.5  |
      | [1]  |
      | {}   |

  @judges:ISO-8
  Scenario: A plugin whose auth names user "1" gets the commands of user 1
    Given a plugin with auth {"user_id": "1"} that answers {"user": 1}
    And a plugin with auth {"user_id": "11"} that answers {"user": 11}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"user": 1}
    And user 11's plugin has received no command

  @judges:ISO-8
  Scenario: Tabs that name their user by a number and by its text both get the command
    Given user 1 has a plugin that never answers
    And a plugin with auth {"user_id": "1"} that answers {"tab": "by text"}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"tab": "by text"}
    And no call is pending at the hub

  @judges:ISO-9
  Scenario Outline: Auth that is no object is refused: <auth>
    When a plugin connects with auth <auth>
    Then the hub refuses it

    Examples:
      | auth           |
      | "user_id=1"    |
      | ["user_id", 1] |
      | 1              |
      | true           |
      | null           |
