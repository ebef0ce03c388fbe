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

  @interop @judges:CORR-1
  Scenario Outline: The payload arrives as it was given: <what>
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_SYNC <payload> within 300 seconds
    Then user 1's plugin has received VINTED_SYNC <payload>
    And every call returns its own payload

    Examples:
      | what                               | payload                                                                                                                            |
      | nothing                            | {}                                                                                                                                 |
      | every kind of value                | {"null": null, "true": true, "false": false, "number": -12.75, "text": "t", "list": [1], "object": {"a": 1}}                       |
      | the largest exact integers         | {"above": 9007199254740991, "below": -9007199254740991, "zero": 0}                                                                 |
      | floats                             | {"price": 28.9, "third": 0.3333333333333333, "huge": 1.7976931348623157e308, "tiny": 5e-324}                                       |
      | text in and out of the basic plane | {"bmp": "Größe é ñ 漢字 العربية", "astral": "👗𝒱🏳️‍🌈", "combining": "é"}                                                             |
      | control characters and escapes     | {"text": "\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\/\\u2028\\u007f"}                                                                    |
      | empty containers                   | {"list": [], "object": {}, "nested": [[], {}, [{}]], "text": ""}                                                                   |
      | keys of every kind                 | {"": 1, " ": 2, "request_id": "mine", "__proto__": 3, "a.b": 4, "ключ": 5, "0": 6}                                                 |
      | 60 lists in each other             | {"deep": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]} |

  @interop @judges:CORR-1
  Scenario Outline: The payload arrives as it was given: a <kind> of <size>
    Given user 1 has a plugin that answers with the command's own payload
    When the backend asks user 1 for VINTED_PUBLISH with a <kind> of <size> within 300 seconds
    Then every call returns its own payload

    Examples:
      | kind | size              |
      | text | 900000 characters |
      | list | 20000 numbers     |

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

  @judges:CORR-2
  Scenario Outline: Request ids name the user, however many digits its id has: <user>
    Given user <user> has a plugin that answers with the command's own payload
    When the backend asks user <user> for VINTED_SYNC {"n": 1} within 300 seconds
    And the backend sends user <user> the bare command VINTED_DELETE {"n": 2} within 300 seconds
    Then call 1 returns {"n": 1}
    And call 2 returns the whole response, with data {"n": 2}
    And every request id has the form req_{user}_{unix milliseconds}_{1000 to 9999}

    Examples:
      | user             |
      | 7                |
      | 1000             |
      | 9007199254740991 |

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

  @interop @judges:CORR-4
  Scenario: Answers that come in reverse order settle the calls they belong to
    Given user 1 has a plugin that waits for 5 commands and answers each with its own payload, the last one first
    When the backend asks user 1 for VINTED_SYNC 5 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:CORR-4
  Scenario: The answer to a later call settles it while the earlier one waits for its own
    Given user 1 has a plugin that behaves as in "delete-fails"
    When the backend asks user 1 for VINTED_SYNC {"n": "slow"} within 300 seconds
    And the command has come to a plugin
    And the backend asks user 1 for VINTED_DELETE {"n": "quick"} within 300 seconds
    Then call 2 fails with "Vinted API error"
    And call 1 returns {"n": "slow"}

  @judges:CORR-4
  Scenario: 100 answers that come in reverse order settle the calls they belong to
    Given user 1 has a plugin that waits for 100 commands and answers each with its own payload, the last one first
    When the backend asks user 1 for VINTED_SYNC 100 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload
    And no call is pending at the hub

  @judges:CORR-4
  Scenario: Answers that come in an order drawn from the seed settle the calls they belong to
    Given user 1 has a plugin that behaves as in "gathers-five-shuffled"
    When the backend asks user 1 for VINTED_SYNC 5 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @interop @judges:CORR-5
  Scenario: Calls to many users at once get the answers of their own plugins
    Given 10 users, from user 1 on, have plugins that answer with the command's own payload
    When the backend asks each of the 10 users, from user 1 on, for VINTED_SYNC at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:CORR-5
  Scenario: Calls of several users that wait at once get the answers of their own plugins
    Given user 1 has a plugin that waits for 20 commands and answers each with its own payload, the last one first
    And user 2 has a plugin that waits for 20 commands and answers each with its own payload
    When the backend asks user 1 for VINTED_SYNC 20 times at once, each with a payload {"n": its number}, within 300 seconds
    And the backend asks user 2 for VINTED_ORDERS 20 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:CORR-5
  Scenario: It is the request id that decides which call an answer settles, not the command it was meant for
    Given user 1 has a plugin that behaves as in "swaps-ids"
    When the backend asks user 1 for VINTED_SYNC 2 times at once, each with a payload {"n": its number}, within 300 seconds
    Then call 1 returns {"n": 2}
    And call 2 returns {"n": 1}

  @interop @judges:CORR-6
  Scenario Outline: Data comes back unchanged: <what>
    Given user 1 has a plugin that answers <data>
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns <data>

    Examples:
      | what                           | data                                                                                                                                                                                                                                                                                                                               |
      | text beyond the basic plane    | {"title": "Robe d'été 👗 déjà portée", "tag": "𝒱 <b>&amp;</b> %20"}                                                                                                                                                                                                                                                                 |
      | floats and large integers      | {"price": 28.9, "tiny": 1e-7, "exact": 9007199254740991, "below": -0.5}                                                                                                                                                                                                                                                            |
      | nothing and empty things       | {"none": null, "list": [], "object": {}, "text": ""}                                                                                                                                                                                                                                                                               |
      | nested lists                   | [[1, [2, [3, [{"deep": [true, false]}]]]]]                                                                                                                                                                                                                                                                                         |
      | control characters and escapes | {"text": "\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\/\\u2028\\u007f"}                                                                                                                                                                                                                                                                    |
      | scripts of the basic plane     | {"text": "Größe é ñ 漢字 кириллица العربية ไทย", "combining": "é", "joined": "a‍b"}                                                                                                                                                                                                                                                 |
      | extreme floats                 | {"huge": 1.7976931348623157e308, "tiny": 5e-324, "third": 0.3333333333333333, "tenth": 0.1}                                                                                                                                                                                                                                        |
      | the largest exact integers     | [9007199254740991, -9007199254740991, 0]                                                                                                                                                                                                                                                                                           |
      | 60 lists in each other         | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]                                                                                                                                                                                                           |
      | 40 objects in each other       | {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {"in": {}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}} |
      | keys of every kind             | {"": 1, " ": 2, "request_id": "mine", "success": false, "error": "none", "data": null, "__proto__": 3}                                                                                                                                                                                                                             |
      | an empty object                | {}                                                                                                                                                                                                                                                                                                                                 |
      | an empty list                  | []                                                                                                                                                                                                                                                                                                                                 |
      | a text                         | "just a text"                                                                                                                                                                                                                                                                                                                      |
      | an empty text                  | ""                                                                                                                                                                                                                                                                                                                                 |
      | a whole number                 | 42                                                                                                                                                                                                                                                                                                                                 |
      | a float                        | -0.5                                                                                                                                                                                                                                                                                                                               |
      | true                           | true                                                                                                                                                                                                                                                                                                                               |
      | false                          | false                                                                                                                                                                                                                                                                                                                              |

  @judges:CORR-6
  Scenario Outline: Data comes back unchanged: a <kind> of <size>
    Given user 1 has a plugin that answers a <kind> of <size>
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns a <kind> of <size>

    Examples:
      | kind | size              |
      | text | 900000 characters |
      | list | 20000 numbers     |

  @judges:CORR-6
  Scenario: Data comes back unchanged with the whole response
    Given user 1 has a plugin that responds with {"success": true, "data": {"none": null, "float": 0.1}, "error": null, "more": [1]}
    When the backend sends user 1 the bare command VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns the whole response, with data {"none": null, "float": 0.1}

  @interop @judges:CORR-7
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

  @interop @judges:CORR-8
  Scenario: A response with an unknown request id is ignored
    Given user 1 has a plugin that responds to "req_1_1700000000000_1000" before it answers {"imported": 3}
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"imported": 3}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"imported": 3}

  @judges:CORR-8
  Scenario Outline: A response with an unknown request id is ignored: <what>
    Given user 1 has a plugin that responds to "<id>" before it answers {"imported": 3}
    And user 2 has a plugin that answers {"user": 2} after 10 seconds
    When the backend asks user 2 for VINTED_SYNC {"n": "waiting"} within 300 seconds
    And the backend asks user 1 for VINTED_SYNC {"n": "with a stray response"} within 300 seconds
    Then call 2 returns {"imported": 3}
    And call 1 returns {"user": 2}

    Examples:
      | what                         | id                                  |
      | another user's form          | req_2_1700000000000_1000            |
      | a number out of its range    | req_1_1700000000000_99999           |
      | another text                 | no such call                        |
      | beyond the basic plane       | req_1_👗_1000                        |
      | of a thousand characters     | req_999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999 |

  @interop @judges:CORR-9
  Scenario: 100 calls to one user are in flight together
    Given user 1 has a plugin that waits for 100 commands and answers each with its own payload
    When the backend asks user 1 for VINTED_SYNC 100 times at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:CORR-9
  Scenario: 100 calls to 100 users are in flight together
    Given 100 users, from user 1 on, have plugins that answer only when told to
    When the backend asks each of the 100 users, from user 1 on, for VINTED_SYNC at once, each with a payload {"n": its number}, within 300 seconds
    And every call's command has come to a plugin
    And the plugins answer every call in flight with its own payload
    Then every call returns its own payload

  @judges:CORR-9
  Scenario: Several calls to each of several users are in flight together
    Given 3 users, from user 1 on, have plugins that answer only when told to
    When the backend asks user 1 for VINTED_SYNC 5 times at once, each with a payload {"n": its number}, within 300 seconds
    And the backend asks user 2 for VINTED_PUBLISH 5 times at once, each with a payload {"n": its number}, within 300 seconds
    And the backend asks user 3 for VINTED_DELETE 5 times at once, each with a payload {"n": its number}, within 300 seconds
    And every call's command has come to a plugin
    And the plugins answer every call in flight with its own payload
    Then every call returns its own payload

  @judges:CORR-10
  Scenario Outline: A fast call is not delayed by <slow> slow ones of the same user
    Given user 1 has a plugin that answers VINTED_PUBLISH at once, and any other command only when <all> of them have come, each with its own payload
    When the backend asks user 1 for VINTED_SYNC <slow> times at once, each with a payload {"n": its number}, within 300 seconds
    And every call's command has come to a plugin
    And the backend asks user 1 for VINTED_PUBLISH {"n": "fast"} within 300 seconds
    Then the call returns {"n": "fast"}
    When the backend asks user 1 for VINTED_SYNC {"n": "last"} within 300 seconds
    Then every call returns its own payload

    Examples:
      | slow | all |
      | 1    | 2   |
      | 20   | 21  |

  @judges:CORR-10
  Scenario: A fast call is not delayed by slow ones of other users
    Given user 1 has a plugin that answers with the command's own payload
    And 20 users, from user 2 on, have plugins that answer only when told to
    When the backend asks each of the 20 users, from user 2 on, for VINTED_SYNC at once, each with a payload {"n": its number}, within 300 seconds
    And every call's command has come to a plugin
    And the backend asks user 1 for VINTED_SYNC {"n": "fast"} within 300 seconds
    Then the call returns {"n": "fast"}
    When the plugins answer every call in flight with its own payload
    Then every call returns its own payload

  @judges:CORR-8
  Scenario: Two responses with unknown request ids harm neither the call nor the one after it
    Given user 1 has a plugin that behaves as in "wrong-ids"
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:CORR-11
  Scenario Outline: A response that is none settles nothing and harms nothing: <what>
    Given user 1 has a plugin that behaves so:
      """
      [otherwise]
      replies = [
          <malformed>,
          { say = "payload" },
      ]
      """
    And user 2 has a plugin that answers {"user": 2} after 5 seconds
    When the backend asks user 2 for VINTED_SYNC {"n": "neighbour"} within 300 seconds
    And the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then call 2 returns {"n": 1}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then call 3 returns {"n": 2}
    And call 1 returns {"user": 2}

    Examples:
      | what                      | malformed                                                                                      |
      | null                      | { say = { arguments = "[null]" } }                                                             |
      | a list                    | { say = { arguments = '[[{"success": true}]]' } }                                              |
      | a number                  | { say = { arguments = "[7]" } }                                                                |
      | a text                    | { say = { arguments = '["text"]' } }                                                           |
      | true                      | { say = { arguments = "[true]" } }                                                             |
      | no argument               | { say = { arguments = "[]" } }                                                                 |
      | several arguments         | { say = { arguments = '[{"success": true, "data": 1}, {"success": true, "data": 2}]' } }       |
      | bytes                     | { say = { bytes = "bytes" } }                                                                  |
      | bytes in an object        | { id = "missing", say = { bytes_as_data = "bytes" } }                                          |
      | no request id             | { id = "missing", say = { data = "no id" } }                                                   |
      | an empty request id       | { id = { other = "" }, say = { data = "empty id" } }                                           |
      | a request id of null      | { id = { json = "null" }, say = { data = "null id" } }                                         |
      | a number for a request id | { id = { json = "1736438400000" }, say = { data = "number id" } }                              |
      | a list of request ids     | { id = { json = '["req_1_1736438400000_1000"]' }, say = { data = "list id" } }                 |
      | a nested request id       | { id = { json = '{"request_id": "req_1_1736438400000_1000"}' }, say = { data = "nested id" } } |

  @judges:CORR-11
  Scenario: A binary response settles nothing, though it has the right request id
    Given user 1 has a plugin that behaves so:
      """
      rules = [{ nth = 1, reaction = { replies = [{ say = { bytes_as_data = "bytes" } }] } }]
      [otherwise]
      replies = [{ say = "payload" }]
      """
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 3 seconds
    Then the call fails with "Plugin command timeout after 3s"
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"n": 2}

  @judges:CORR-11
  Scenario: One nonsense after the other settles nothing while a call waits
    Given user 1 has a plugin that behaves as in "malformed-responses"
    And user 2 has a plugin that behaves as in "malformed-ids"
    When the backend sends user 1 the bare command VINTED_SYNC {"n": 1} within 300 seconds
    And the backend sends user 2 the bare command VINTED_SYNC {"n": 2} within 300 seconds
    Then call 1 returns the whole response, with data {"n": 1}
    And call 2 returns the whole response, with data {"n": 2}
    And no call is pending at the hub
