Feature: No call waits for ever
  Every call has a timeout. A call that gets no answer ends with it, and an answer that comes later changes nothing.

  @interop @judges:TIME-1
  Scenario: A call that is never answered fails and says after how long
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 3 seconds
    Then the call fails with "Plugin command timeout after 3s"

  @judges:TIME-1
  Scenario Outline: A timeout is told as the number that was asked for: <seconds> seconds
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within <seconds> seconds
    Then the call fails with "Plugin command timeout after <seconds>s"

    Examples:
      | seconds |
      | 0.5     |
      | 2.5     |
      | 30      |

  @judges:TIME-1
  Scenario: A bare command that is never answered fails and says after how long
    Given user 1 has a plugin that never answers
    When the backend sends user 1 the bare command VINTED_SYNC {"shop_id": 123} within 3 seconds
    Then the call fails with "Plugin command timeout after 3s"

  @judges:TIME-2
  Scenario: A call that is never answered fails at its timeout
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_DELETE {"item_id": 7} within 20 seconds
    Then the call fails with "Plugin command timeout after 20s"

  @judges:TIME-2
  Scenario: Each of several calls that are never answered fails at its timeout
    Given user 1 has a plugin that never answers
    And user 2 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC 5 times at once, each with a payload {"n": its number}, within 20 seconds
    And the backend asks user 2 for VINTED_ORDERS {"n": 6} within 20 seconds
    Then call 1 fails with "Plugin command timeout after 20s"
    And call 5 fails with "Plugin command timeout after 20s"
    And call 6 fails with "Plugin command timeout after 20s"

  @judges:TIME-4
  Scenario: A late response is ignored while another call is waiting
    Given user 1 has a plugin that answers its first command only once the call has ended, and any other after 20 seconds, each with its own payload
    When the backend asks user 1 for VINTED_SYNC {"n": "late"} within 2 seconds
    And the command has come to a plugin
    And the backend asks user 1 for VINTED_SYNC {"n": "waiting"} within 300 seconds
    Then call 1 fails with "Plugin command timeout after 2s"
    And call 2 returns {"n": "waiting"}

  @interop @judges:TIME-4
  Scenario: A late response is ignored, and the next call gets its own answer
    Given user 1 has a plugin that answers its first command only once the call has ended, and any other after 20 seconds, each with its own payload
    When the backend asks user 1 for VINTED_SYNC {"n": "late"} within 2 seconds
    Then the call fails with "Plugin command timeout after 2s"
    When the backend asks user 1 for VINTED_SYNC {"n": "next"} within 300 seconds
    Then the call returns {"n": "next"}
    And no call is pending at the hub

  @judges:TIME-4
  Scenario: A late response of one user leaves another user's call alone
    Given user 1 has a plugin that answers {"from": "user 1"} only once the call has ended
    And user 2 has a plugin that answers {"from": "user 2"} after 20 seconds
    When the backend asks user 2 for VINTED_SYNC {"n": "waiting"} within 300 seconds
    And the backend asks user 1 for VINTED_SYNC {"n": "late"} within 2 seconds
    Then call 2 fails with "Plugin command timeout after 2s"
    And call 1 returns {"from": "user 2"}

  @judges:TIME-5
  Scenario: Nothing stays pending, however a call ended
    Given user 1 has a plugin that never answers
    And user 2 has a plugin that answers {"imported": 3}
    And user 3 has a plugin that fails with "Vinted API error"
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 2 seconds
    And the backend asks user 2 for VINTED_SYNC {"n": 2} within 300 seconds
    And the backend asks user 3 for VINTED_SYNC {"n": 3} within 300 seconds
    Then call 1 fails with "Plugin command timeout after 2s"
    And call 2 returns {"imported": 3}
    And call 3 fails with "Vinted API error"
    And no call is pending at the hub

  @judges:TIME-5
  Scenario: Nothing stays pending of a user who has left, or never was there
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 20 seconds
    And the backend asks user 999 for VINTED_SYNC {"n": 2} within 300 seconds
    And the command has come to every plugin of user 1
    And user 1's plugin disconnects
    Then call 1 fails
    And call 2 fails with "User 999 not connected via WebSocket"
    And no call is pending at the hub

  @judges:TIME-5
  Scenario: Nothing stays pending of 100 calls at once
    Given user 1 has a plugin that waits for 100 commands and answers each with its own payload
    When the backend asks user 1 for VINTED_SYNC 100 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload
    And no call is pending at the hub

  @judges:TIME-3
  Scenario Outline: Calls with timeouts of <first>, <second> and <third> seconds each end at their own
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within <first> seconds
    And the backend asks user 1 for VINTED_SYNC {"n": 2} within <second> seconds
    And the backend asks user 1 for VINTED_SYNC {"n": 3} within <third> seconds
    Then call 1 fails with "Plugin command timeout after <first>s"
    And call 2 fails with "Plugin command timeout after <second>s"
    And call 3 fails with "Plugin command timeout after <third>s"

    Examples:
      | first | second | third |
      | 10    | 20     | 30    |
      | 30    | 20     | 10    |

  @judges:TIME-3
  Scenario: A call that is answered leaves the timeouts of the others alone
    Given user 1 has a plugin that answers VINTED_PUBLISH at once, and any other command only when 9 of them have come, each with its own payload
    When the backend asks user 1 for VINTED_SYNC {"n": "long"} within 20 seconds
    And the backend asks user 1 for VINTED_PUBLISH {"n": "answered"} within 300 seconds
    And the backend asks user 1 for VINTED_SYNC {"n": "short"} within 10 seconds
    Then call 2 returns {"n": "answered"}
    And call 3 fails with "Plugin command timeout after 10s"
    And call 1 fails with "Plugin command timeout after 20s"

  @judges:TIME-6
  Scenario: An answer in the second half of a call's time settles it
    Given user 1 has a plugin that answers {"imported": 3} after 60 seconds
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 120 seconds
    Then the call returns {"imported": 3}

  @judges:TIME-6
  Scenario: A failure in the second half of a call's time is no timeout
    Given user 1 has a plugin that fails with "Vinted API error" after 60 seconds
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 120 seconds
    Then the call fails with "Vinted API error"

  @judges:TIME-6
  Scenario: One answer comes too late, another one just in time
    Given user 1 has a plugin that answers {"answer": "late"} only once the call has ended
    And user 2 has a plugin that answers {"answer": "in time"} after 60 seconds
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 1} within 20 seconds
    And the backend asks user 2 for VINTED_SYNC {"shop_id": 2} within 120 seconds
    Then call 1 fails with "Plugin command timeout after 20s"
    And call 2 returns {"answer": "in time"}

  @judges:TIME-7
  Scenario Outline: A job that names no timeout has the one of its action: <action>
    Given user 1 has a plugin that never answers
    And a <action> job of user 1 for shop 123
    When the next job of user 1 is processed
    And the command has come to a plugin
    And the hub's clock is advanced by <just before> seconds
    Then the call is still in flight
    When the hub's clock is advanced by 20 seconds
    Then the job fails with an error that contains "timeout"

    Examples:
      | action  | just before |
      | publish | 50          |
      | update  | 50          |
      | delete  | 50          |
      | sync    | 290         |
      | orders  | 170         |

  @judges:TIME-7
  Scenario: A call that names no timeout has the one of its action
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jacket"}
    And the command has come to a plugin
    And the hub's clock is advanced by 50 seconds
    Then the call is still in flight
    When the hub's clock is advanced by 20 seconds
    Then the call fails

  @judges:TIME-7
  Scenario Outline: A job says which timeout it has, where it names none: <action>
    Given a <action> job of user 1 for shop 123
    Then the job's command gets <seconds> seconds to be answered

    Examples:
      | action  | seconds |
      | publish | 60      |
      | update  | 60      |
      | delete  | 60      |
      | sync    | 300     |
      | orders  | 180     |

  @judges:TIME-8
  Scenario: A call whose caller gives up is pending no more
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    And the command has come to a plugin
    And the caller gives up
    Then no call is pending at the hub

  @judges:TIME-8
  Scenario: A bare command whose caller gives up is pending no more
    Given user 1 has a plugin that never answers
    When the backend sends user 1 the bare command VINTED_SYNC {"shop_id": 123} within 300 seconds
    And the command has come to a plugin
    And the caller gives up
    Then no call is pending at the hub

  @judges:TIME-8
  Scenario: The late response to a call that was given up settles no other
    Given user 1 has a plugin that behaves so:
      """
      rules = [{ nth = 1, reaction = { replies = [] } }]
      [otherwise]
      replies = [{ when = { after_s = 20 }, say = "payload" }]
      """
    When the backend asks user 1 for VINTED_SYNC {"n": "given up"} within 300 seconds
    And the command has come to a plugin
    And the caller gives up
    Then no call is pending at the hub
    When the backend asks user 1 for VINTED_SYNC {"n": "next"} within 300 seconds
    And the command has come to a plugin
    And user 1's plugin answers its first command with {"n": "late"}
    Then the call returns {"n": "next"}

  @judges:TIME-9
  Scenario Outline: A timeout that makes no sense is refused: <timeout>
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} with a timeout of <timeout> instead of seconds
    Then the call fails
    And user 1's plugin has received no command
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

    Examples:
      | timeout |
      | 0       |
      | -1      |
      | -0.5    |
      | 1e18    |
      | "soon"  |
      | "3"     |
      | [3]     |
      | {"s":3} |
