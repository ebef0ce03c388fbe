Feature: The log tells who, what and which
  Each connection, ignored response, timeout and failure leaves a line that names the user, the action and the request id, as far as
  there are any.

  @judges:LOG-1
  Scenario: A connection is logged
    Given user 4711 has a plugin that never answers
    Then the log has a line that names user 4711

  @judges:LOG-1
  Scenario: A timeout is logged
    Given user 4711 has a plugin that never answers
    When the backend asks user 4711 for VINTED_DELETE {"item_id": 7} within 3 seconds
    Then the call fails with "Plugin command timeout after 3s"
    And the log has a line that names user 4711, VINTED_DELETE and the call's request id

  @judges:LOG-1
  Scenario: A plugin's failure is logged
    Given user 4711 has a plugin that fails with "Vinted API error"
    When the backend asks user 4711 for VINTED_UPDATE {"item_id": 7} within 300 seconds
    Then the call fails with "Vinted API error"
    And the log has a line that names user 4711, VINTED_UPDATE and the call's request id

  @judges:LOG-1
  Scenario: A call to a user who is not connected is logged
    When the backend asks user 4711 for VINTED_PUBLISH {"title": "Jacket"} within 300 seconds
    Then the call fails with "User 4711 not connected via WebSocket"
    And the log has a line that names user 4711 and VINTED_PUBLISH

  @judges:LOG-1
  Scenario: A response with an unknown request id is logged
    Given user 4711 has a plugin that never answers
    When user 4711's plugin responds to "req_4711_1700000000000_1000" with {"imported": 3}
    Then the log has a line that names user 4711 and the request id "req_4711_1700000000000_1000"

  @judges:LOG-1
  Scenario: A late response is logged beside the timeout
    Given user 4711 has a plugin that answers {"imported": 3} only once the call has ended
    When the backend asks user 4711 for VINTED_SYNC {"shop_id": 123} within 2 seconds
    Then the call fails with "Plugin command timeout after 2s"
    And the log has 2 lines that name user 4711 and the call's request id

  @judges:LOG-1
  Scenario: A second response is logged
    Given user 4711 has a plugin that answers first {"n": 1} and then {"n": 2}
    When the backend asks user 4711 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"n": 1}
    And the log has a line that names user 4711 and the call's request id

  @judges:LOG-1
  Scenario Outline: A job's failure is logged: <how it fails>
    Given user 4711 has a plugin that <does>
    And a delete job of user 4711 for shop 123 with a timeout of <timeout> seconds
    When the next job of user 4711 is processed
    Then the job fails with an error that contains "<error>"
    And the log has a line that names user 4711 and the call's request id

    Examples:
      | how it fails     | does                      | timeout | error            |
      | by its plugin    | fails with "NO_TAB"       | 300     | NO_TAB           |
      | by a timeout     | never answers             | 3       | timeout          |

  @judges:LOG-1
  Scenario: A job that no handler takes is logged
    Given a dance job of user 4711
    When the next job of user 4711 is processed
    Then the job fails with an error that contains "Unknown action: dance_vinted"
    And the log has a line that names user 4711
