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

  @judges:LIFE-4
  Scenario: A plugin that falls silent is gone after the ping interval and timeout
    Given the hub pings every 25 seconds and waits 20 seconds for the answer
    And user 1 has a plugin that never answers
    When user 1's plugin freezes
    Then after its ping interval and timeout the hub counts no sockets of user 1
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call fails with "User 1 not connected via WebSocket"

  @judges:LIFE-4
  Scenario: A call whose plugin falls silent fails when the hub has noticed
    Given the hub pings every 25 seconds and waits 20 seconds for the answer
    And user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 3600 seconds
    And the command has come to a plugin
    And user 1's plugin freezes
    Then after its ping interval and timeout the hub counts no sockets of user 1
    And the call fails

  @judges:LIFE-4
  Scenario: Of two tabs only the one that falls silent is gone
    Given the hub pings every 25 seconds and waits 20 seconds for the answer
    And user 1 has a plugin that never answers
    And user 1 has a plugin that answers {"tab": 2}
    When user 1's first plugin freezes
    Then after its ping interval and timeout the hub counts 1 socket of user 1
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"tab": 2}

  @judges:LIFE-4
  Scenario: A plugin whose pongs are slow stays
    Given the hub pings every 25 seconds and waits 20 seconds for the answer
    And user 1 has a plugin that answers {"imported": 3}
    When user 1's plugin answers pings only after 8 seconds
    Then after its ping interval and timeout the hub counts 1 socket of user 1
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"imported": 3}

  @judges:LIFE-5
  Scenario Outline: A plugin that <breaks> leaves another user's call alone
    Given user 1 has a plugin that never answers
    And user 2 has a plugin that answers {"from": "user 2"} after 20 seconds
    When the backend asks user 2 for VINTED_SYNC {"n": 1} within 300 seconds
    And the backend asks user 1 for VINTED_SYNC {"n": 2} within 20 seconds
    And every call's command has come to a plugin
    And user 1's plugin <breaks>
    Then call 2 fails
    And call 1 returns {"from": "user 2"}
    When the backend asks user 2 for VINTED_SYNC {"n": 3} within 300 seconds
    Then the call returns {"from": "user 2"}

    Examples:
      | breaks                  |
      | is cut off              |
      | breaks off in mid-frame |

  @judges:LIFE-5
  Scenario Outline: A stranger that <does> leaves a call alone
    Given user 1 has a plugin that answers {"imported": 3} after 20 seconds
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    And the command has come to a plugin
    And a stranger <does>
    Then the call returns {"imported": 3}
    When the backend asks user 1 for VINTED_SYNC {"n": 2} within 300 seconds
    Then the call returns {"imported": 3}
    And no call is pending at the hub

    Examples:
      | does                                |
      | opens a connection and sends nothing |
      | sends half of a request             |
      | opens a WebSocket and sends nothing |

  @judges:LIFE-5
  Scenario: Many plugins that are cut off at once leave another user's call alone
    Given 20 users, from user 101 on, have plugins that answer only when told to
    When all plugins are cut off at once for 5 seconds
    And every plugin has connected again
    Given user 1 has a plugin that answers {"imported": 3} after 20 seconds
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    And the command has come to a plugin
    And user 101's plugin is cut off
    And user 120's plugin is cut off
    Then the call returns {"imported": 3}

  @judges:LIFE-6
  Scenario Outline: A response <size> the hub's limit settles its call
    Given the hub takes messages of 50000 bytes at the most
    And user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    And user 1's plugin answers with a response that is <size> the hub's limit
    Then the call returns what the plugin has answered

    Examples:
      | size         |
      | well under   |
      | 1 byte under |
      | exactly at   |

  @judges:LIFE-6
  Scenario Outline: A response <size> the hub's limit fails its call at once
    Given the hub takes messages of 50000 bytes at the most
    And user 1 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 120 seconds
    And user 1's plugin answers with a response that is <size> the hub's limit
    Then the call fails
    And no call is pending at the hub

    Examples:
      | size        |
      | 1 byte over |
      | well over   |

  @judges:LIFE-6
  Scenario: A response over the limit harms neither another call of its plugin nor another user's
    Given the hub takes messages of 50000 bytes at the most
    And user 1 has a plugin that behaves so:
      """
      [[rules]]
      nth = 1
      reaction = { replies = [{ when = { after_s = 20.0 }, say = "payload" }] }

      [otherwise]
      replies = []
      """
    And user 2 has a plugin that answers {"n": 2} after 20 seconds
    When the backend asks user 2 for VINTED_SYNC {"n": 2} within 300 seconds
    And the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    And the command has come to every plugin of user 1
    And the backend asks user 1 for VINTED_SYNC {"n": 3} within 120 seconds
    And the command has come to a plugin
    And user 1's plugin answers with a response that is well over the hub's limit
    Then call 3 fails
    And call 2 returns {"n": 1}
    And call 1 returns {"n": 2}

  @judges:LIFE-7
  Scenario: A command over the limit is refused before it is sent
    Given the hub takes messages of 50000 bytes at the most
    And user 1 has a plugin that answers {"published": true}
    When the backend asks user 1 for VINTED_PUBLISH with a command that is well over the hub's limit within 60 seconds
    Then the call is refused with the size of its command and the hub's limit
    And user 1's plugin has received no commands
    When the backend asks user 1 for VINTED_PUBLISH {"title": "Jean"} within 60 seconds
    Then the call returns {"published": true}
    And user 1's plugin has received 1 command

  @judges:LIFE-7
  Scenario: A command 1 byte over the limit is refused, and one that is just within it is sent
    Given the hub takes messages of 50000 bytes at the most
    And user 1 has a plugin that answers {"published": true}
    When the backend asks user 1 for VINTED_PUBLISH with a command that is well over the hub's limit within 60 seconds
    Then the call is refused with the size of its command and the hub's limit
    When the backend asks user 1 for VINTED_PUBLISH with a command that is 1 byte over the hub's limit within 60 seconds
    Then the call is refused with the size of its command and the hub's limit
    And user 1's plugin has received no commands
    When the backend asks user 1 for VINTED_PUBLISH with a command that is exactly at the hub's limit within 60 seconds
    Then the call returns {"published": true}
    When the backend asks user 1 for VINTED_PUBLISH with a command that is 1 byte under the hub's limit within 60 seconds
    Then the call returns {"published": true}
    And user 1's plugin has received 2 commands

  @judges:LIFE-7
  Scenario: A command over the limit leaves other calls alone
    Given the hub takes messages of 50000 bytes at the most
    And user 1 has a plugin that answers {"from": "user 1"} after 20 seconds
    And user 2 has a plugin that answers {"from": "user 2"} after 20 seconds
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    And the backend asks user 2 for VINTED_SYNC {"n": 2} within 300 seconds
    And the backend asks user 1 for VINTED_PUBLISH with a command that is well over the hub's limit within 60 seconds
    Then the call is refused with the size of its command and the hub's limit
    And call 1 returns {"from": "user 1"}
    And call 2 returns {"from": "user 2"}

  @judges:LIFE-8
  Scenario: A hundred users who lose their connections at once are back once each
    Given 100 users, from user 1 on, have plugins that answer with the command's own payload
    And 10 users, from user 1 on, have plugins that answer only when told to
    When all plugins lose their connections at once for 5 seconds
    And every plugin has connected again
    Then the hub counts every plugin once
    When the backend asks each of the 100 users, from user 1 on, for VINTED_SYNC at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload
    And no call is pending at the hub

  @judges:LIFE-8
  Scenario: Users who are cut off twice at once are back once each
    Given 20 users, from user 1 on, have plugins that answer with the command's own payload
    When all plugins are cut off at once for 5 seconds
    And every plugin has connected again
    And all plugins are cut off at once for 5 seconds
    And every plugin has connected again
    Then the hub counts every plugin once
    When the backend asks each of the 20 users, from user 1 on, for VINTED_SYNC at once, each with a payload {"n": its number}, within 300 seconds
    Then every call returns its own payload

  @judges:LIFE-9
  Scenario: When the hub shuts down every call in flight fails at once
    Given user 1 has a plugin that never answers
    And user 2 has a plugin that never answers
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    And the backend sends user 1 the bare command VINTED_SYNC {"n": 2} within 300 seconds
    And the backend asks user 2 for VINTED_SYNC {"n": 3} within 300 seconds
    And every call's command has come to a plugin
    And the hub is told to shut down
    Then call 1 fails
    And call 2 fails
    And call 3 fails
    And the hub has closed every connection

  @judges:LIFE-9
  Scenario: A hub that shuts down with nothing to do takes its leave of every plugin
    Given 5 users, from user 1 on, have plugins that answer with the command's own payload
    When the backend asks user 1 for VINTED_SYNC {"n": 1} within 300 seconds
    Then the call returns {"n": 1}
    When the hub is told to shut down
    Then the hub has closed every connection
