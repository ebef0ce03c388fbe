Feature: No call waits for ever
  Every call has a timeout. A call that gets no answer ends with it, and an answer that comes later changes nothing.

  @judges:TIME-1
  Scenario: A call that is never answered fails and says after how long
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 3 seconds
    Then the call fails with "Plugin command timeout after 3s"

  @judges:TIME-2
  Scenario: A call that is never answered fails at its timeout
    Given user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_DELETE {"item_id": 7} within 20 seconds
    Then the call fails with "Plugin command timeout after 20s"

  @judges:TIME-4
  Scenario: A late response is ignored while another call is waiting
    Given user 1 has a plugin that answers its first command only once the call has ended, and any other after 20 seconds, each with its own payload
    When the backend asks user 1 for VINTED_SYNC {"n": "late"} within 2 seconds
    And the command has come to a plugin
    And the backend asks user 1 for VINTED_SYNC {"n": "waiting"} within 300 seconds
    Then call 1 fails with "Plugin command timeout after 2s"
    And call 2 returns {"n": "waiting"}

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
