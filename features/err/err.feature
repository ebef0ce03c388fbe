Feature: Errors reach the caller as they are
  A call that cannot be answered says so at once, and what a plugin says went wrong is what the caller reads.

  @judges:ERR-1
  Scenario: A call to a user who is not connected fails at once
    Given user 1 has a plugin that answers {"imported": 3}
    When the backend asks user 999 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails with "User 999 not connected via WebSocket"
    And user 1's plugin has received no command

  @judges:ERR-1
  Scenario Outline: A call to user <absent> fails at once while others are connected
    Given user 1 has a plugin that answers {"imported": 3}
    And user 11 has a plugin that answers {"imported": 4}
    When the backend asks user <absent> for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with "User <absent> not connected via WebSocket"
    And user 1's plugin has received no command
    And user 11's plugin has received no command

    Examples:
      | absent           |
      | 111              |
      | 10               |
      | 9007199254740991 |

  @judges:ERR-1
  Scenario: A bare command to a user who is not connected fails at once
    When the backend sends user 999 the bare command VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails with "User 999 not connected via WebSocket"
    And no call is pending at the hub

  @interop @judges:ERR-2
  Scenario Outline: The plugin's error text arrives letter for letter: <text>
    Given user 1 has a plugin that fails with "<text>"
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with "<text>"

    Examples:
      | text                                       |
      | Vinted API error                           |
      | Erreur: la session a expiré (déconnecté) ✋ |
      | timeout of the page, not of the call       |

  @judges:ERR-2
  Scenario Outline: The plugin's error text arrives letter for letter, with <what>
    Given user 1 has a plugin that responds with {"success": false, "error": <text>}
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with the JSON text <text>

    Examples:
      | what                     | text                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       |
      | quotes and a backslash   | "it said \\"no\\" (C:\\\\vinted)"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          |
      | lines and tabs           | "line one\\nline two\\r\\n\\tindented"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     |
      | blanks around it         | "  spaced out  "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           |
      | JSON in it               | "{\\"code\\": 403}"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        |
      | markup and percent signs | "<b>%s</b> 100% &amp;"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     |
      | beyond the basic plane   | "👗 𝒱 🏳️‍🌈"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 |
      | the hub's own words      | "User 1 not connected via WebSocket"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       |
      | a thousand characters    | "erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur erreur fin..." |

  @judges:ERR-2
  Scenario Outline: A call that Vinted refused fails with the plugin's text, whatever else comes with it: <behaviour>
    Given user 1 has a plugin that behaves as in "<behaviour>"
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with "Vinted API error 403"

    Examples:
      | behaviour             |
      | refused-by-vinted     |
      | refused-through-relay |

  @interop @judges:ERR-3
  Scenario: A failure without a text is an unknown error
    Given user 1 has a plugin that responds with {"success": false}
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with "Unknown error"

  @judges:ERR-3
  Scenario: A failure without a text is an unknown error, whatever data it has
    Given user 1 has a plugin that responds with {"success": false, "data": {"error": "not this one"}}
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with "Unknown error"

  @judges:ERR-4
  Scenario: A response that does not speak of success is a failure
    Given user 1 has a plugin that responds with {"data": {"imported": 3}}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails

  @judges:ERR-4
  Scenario Outline: A response of <members> is a failure
    Given user 1 has a plugin that responds with <members>
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails

    Examples:
      | members                                    |
      | {}                                         |
      | {"data": {"success": true}}                |
      | {"error": "Vinted API error"}              |
      | {"Success": true, "data": {"imported": 3}} |

  @judges:ERR-5
  Scenario: The same error reads the same at each level: hub, helper and job
    Given user 1 has a plugin that fails with "Erreur Vinted: 403 (accès refusé)"
    And a publish job of user 1 for shop 123
    When the backend sends user 1 the bare command VINTED_PUBLISH {"level": 1} within 300 seconds
    Then the call returns the whole response, with the error "Erreur Vinted: 403 (accès refusé)"
    When the backend asks user 1 for VINTED_PUBLISH {"level": 2} within 300 seconds
    Then the call fails with "Erreur Vinted: 403 (accès refusé)"
    When the next job of user 1 is processed
    Then the job fails with an error that contains "Erreur Vinted: 403 (accès refusé)"

  @judges:ERR-5
  Scenario: That a user is not connected reads the same at each level
    Given a publish job of user 999 for shop 123
    When the backend sends user 999 the bare command VINTED_PUBLISH {"level": 1} within 300 seconds
    Then the call fails with "User 999 not connected via WebSocket"
    When the backend asks user 999 for VINTED_PUBLISH {"level": 2} within 300 seconds
    Then the call fails with "User 999 not connected via WebSocket"
    When the next job of user 999 is processed
    Then the job fails with an error that contains "User 999 not connected via WebSocket"

  @interop @judges:ERR-6
  Scenario: A call that fails harms no other call, user or socket
    Given user 1 has a plugin that behaves as in "delete-fails"
    And user 2 has a plugin that answers {"user": 2} after 5 seconds
    When the backend asks user 1 for VINTED_SYNC {"n": "same user"} within 300 seconds
    And the backend asks user 2 for VINTED_SYNC {"n": "other user"} within 300 seconds
    And the command has come to a plugin
    And the backend asks user 1 for VINTED_DELETE {"n": "failing"} within 300 seconds
    And the backend asks user 999 for VINTED_SYNC {"n": "nobody"} within 300 seconds
    Then call 3 fails with "Vinted API error"
    And call 4 fails with "User 999 not connected via WebSocket"
    And call 1 returns {"n": "same user"}
    And call 2 returns {"user": 2}

  @judges:ERR-6
  Scenario: A user's failures leave the user's other calls and the socket alone
    Given user 1 has a plugin that behaves as in "delete-fails"
    When the backend asks user 1 for VINTED_SYNC {"n": "waiting"} within 300 seconds
    And the command has come to a plugin
    And the backend asks user 1 for VINTED_DELETE 20 times at once, each with a payload {"n": its number}, within 300 seconds
    Then call 2 fails with "Vinted API error"
    And call 21 fails with "Vinted API error"
    And call 1 returns {"n": "waiting"}
    And no call is pending at the hub

  @judges:ERR-7
  Scenario Outline: Only true is success, <success> is not
    Given user 1 has a plugin that responds with {"success": <success>, "data": {"imported": 3}}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails

    Examples:
      | success |
      | "false" |
      | 1       |

  @judges:ERR-8
  Scenario Outline: An error of <error> is an unknown error
    Given user 1 has a plugin that responds with {"success": false, "error": <error>}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails with "Unknown error"

    Examples:
      | error |
      | null  |
      | ""    |

  @judges:ERR-9
  Scenario Outline: A success without data returns null: <members>
    Given user 1 has a plugin that responds with <members>
    When the backend asks user 1 for VINTED_DELETE {"item_id": 7} within 300 seconds
    Then the call returns null
    And no call is pending at the hub

    Examples:
      | members                                        |
      | {"success": true}                              |
      | {"success": true, "data": null}                |
      | {"success": true, "data": null, "error": "no"} |

  @judges:ERR-10
  Scenario Outline: An error that is no text is shown as its JSON: <error>
    Given user 1 has a plugin that responds with {"success": false, "error": <error>}
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with an error whose text is the JSON <error>

    Examples:
      | error                                                  |
      | {"code": 403, "reason": {"text": "accès", "at": null}} |
      | ["first", 2, {"third": true}]                          |
      | 403                                                    |
      | -0.5                                                   |
      | {}                                                     |
      | []                                                     |
      | true                                                   |

  @judges:ERR-11
  Scenario Outline: Status and error data of a failure reach the caller: <what>
    Given user 1 has a plugin that responds with {"success": false, "error": "Vinted API error", "status": <status>, "errorData": <data>}
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call fails with "Vinted API error", status <status> and error data <data>
    When the backend sends user 1 the bare command VINTED_PUBLISH {"title": "Jean"} within 300 seconds
    Then the call returns the whole response, with status <status> and error data <data>

    Examples:
      | what            | status | data                                                         |
      | a refusal       | 403    | {"url": "https://geo.captcha-delivery.com", "blocked": true} |
      | a list of flaws | 400    | [{"field": "price", "value": "trop élevé"}]                  |
      | a status alone  | 502    | null                                                         |
      | data alone      | null   | {"code": 99}                                                 |
