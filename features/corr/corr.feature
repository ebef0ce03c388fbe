Feature: Every response finds its call
  A hub asks a user's plugin something with a plugin_command, and the plugin answers with a plugin_response.
  The request id ties the two together, whatever else is going on.

  @interop @judges:CORR-1
  Scenario: A connected user's plugin gets the command as the backend gave it, and its answer comes back
    Given user 1 has a plugin that answers {"imported": 3, "updated": 1} after 2 seconds
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123, "full": true, "filters": ["new", null, 0.5]} within 300 seconds
    Then the call returns {"imported": 3, "updated": 1}

  @judges:CORR-1
  Scenario: A bare command returns the whole response
    Given user 1 has a plugin that answers {"imported": 3}
    When the backend sends user 1 the bare command VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns the whole response, with data {"imported": 3}

  @judges:CORR-1
  Scenario: A plugin that takes as long as plugins do in the field gets its command and is heard
    Given user 1 has a plugin that behaves as in "field-delay"
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean", "price": 28.9} within 300 seconds
    Then the call returns {"title": "Jean", "price": 28.9}

  @judges:CORR-2
  Scenario: Request ids name the user, the time and a number
    Given user 1 has a plugin that answers with the command's own payload
    And user 42 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    And the backend asks user 42 for VINTED_SYNC {"n": 2} within 300 seconds
    Then every request id has the form req_{user}_{unix milliseconds}_{1000 to 9999}

  @judges:CORR-3
  Scenario: A request id that is drawn again while its call is in flight is not used again
    Given user 1 has a plugin that waits for 2 commands and answers each with its own payload
    And the hub draws the request id "req_1_1736438400000_5432" 2 times in a row
    When the backend asks user 1 for VINTED_SYNC {"call": "first"} within 300 seconds
    And the command has come to a plugin
    And the backend asks user 1 for VINTED_SYNC {"call": "second"} within 300 seconds
    Then every call returns its own payload
    And the calls have different request ids

  @judges:CORR-3
  Scenario: 200 calls to one user at once all have request ids of their own
    Given user 1 has a plugin that waits for 200 commands and answers each with its own payload
    When the backend asks user 1 for VINTED_SYNC 200 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload
    And no call is pending at the hub

  @judges:CORR-4
  Scenario: Answers that come in reverse order settle the calls they belong to
    Given user 1 has a plugin that waits for 5 commands and answers each with its own payload, the last one first
    When the backend asks user 1 for VINTED_SYNC 5 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:CORR-4
  Scenario: Answers that come in an order drawn from the seed settle the calls they belong to
    Given user 1 has a plugin that behaves as in "gathers-five-shuffled"
    When the backend asks user 1 for VINTED_SYNC 5 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:CORR-5
  Scenario: Calls to many users at once get the answers of their own plugins
    Given 10 users, from user 1 on, have plugins that answer with the command's own payload
    When the backend asks each of the 10 users, from user 1 on, for VINTED_SYNC at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:CORR-5
  Scenario: It is the request id that decides which call an answer settles, not the command it was meant for
    Given user 1 has a plugin that behaves as in "swaps-ids"
    When the backend asks user 1 for VINTED_SYNC 2 times at once, each with a payload {"n": its number}, within 300 seconds
    Then call 1 returns {"n": 2}
    And call 2 returns {"n": 1}

  @judges:CORR-6
  Scenario Outline: Data comes back unchanged: <what>
    Given user 1 has a plugin that answers <data>
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns <data>

    Examples:
      | what                        | data                                                                    |
      | text beyond the basic plane | {"title": "Robe d'été 👗 déjà portée", "tag": "𝒱 <b>&amp;</b> %20"}     |
      | floats and large integers   | {"price": 28.9, "tiny": 1e-7, "exact": 9007199254740991, "below": -0.5} |
      | nothing and empty things    | {"none": null, "list": [], "object": {}, "text": ""}                    |
      | nested lists                | [[1, [2, [3, [{"deep": [true, false]}]]]]]                              |

  @judges:CORR-7
  Scenario: The first of two different answers wins
    Given user 1 has a plugin that answers first {"answer": "first"} and then {"answer": "second"}
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"answer": "first"}
    And no call is pending at the hub

  @judges:CORR-7
  Scenario: A duplicate answer does not settle the call after it
    Given user 1 has a plugin that answers its first command at once and again after 10 seconds, and any other after 20 seconds, each with its own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:CORR-7
  Scenario: Of two equal answers the first settles the call and the second changes nothing
    Given user 1 has a plugin that behaves as in "answers-twice"
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"shop_id": 123}
    And no call is pending at the hub

  @judges:CORR-7
  Scenario: An answer under the request id of an earlier call does not settle the call that is waiting
    Given user 1 has a plugin that behaves as in "answers-the-earlier-again"
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:CORR-8
  Scenario: A response with an unknown request id is ignored
    Given user 1 has a plugin that responds to "req_1_1700000000000_1000" before it answers {"imported": 3}
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"imported": 3}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"imported": 3}

  @judges:CORR-8
  Scenario: Two responses with unknown request ids harm neither the call nor the one after it
    Given user 1 has a plugin that behaves as in "wrong-ids"
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:CORR-8
  Scenario Outline: A request id that no hub has made is as unknown as any other: <id>
    Given user 1 has a plugin that responds to "<id>" before it answers {"imported": 3}
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"imported": 3}

    Examples:
      | id                       |
      | req_2_1700000000000_1000 |
      | req_1_1700000000000_999  |
      | sync                     |
