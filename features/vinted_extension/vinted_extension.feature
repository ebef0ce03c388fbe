Feature: The extension and the relay have limits

  The browser extension carries out five commands at once and lets fifty wait; the relay in the page gives a command up after
  30 seconds, whatever the backend's timeout, while the extension goes on with it; and a POST that got no answer is sent
  again. The backend sees the error. What really came about is seen at Vinted.

  @judges:ERR-2
  Scenario: Of 56 commands at once five are carried out, fifty wait, and the last is refused
    Given every GET of the orders at Vinted takes 2 seconds
    And user 1 has a plugin that behaves so:
      """
      [extension]
      at_once = 5
      queued = 50
      shape = "relay"
      replay_guard = true

      [otherwise]
      replies = [{ when = { gathered = { commands = 56 } }, say = "marketplace" }]
      """
    When the backend asks user 1 for VINTED_ORDERS 56 times at once, each with a payload {"n": its number}, within 300 seconds
    Then call 56 fails with "Request queue full - too many pending requests"
    And call 1 returns {"orders": []}
    And call 5 returns {"orders": []}
    And call 6 returns {"orders": []}
    And call 55 returns {"orders": []}

  @judges:ERR-2
  Scenario: Without a queue a second command is refused, and a later one is carried out
    Given the first GET of the orders at Vinted takes 20 seconds
    And user 1 has a plugin that behaves so:
      """
      [extension]
      at_once = 1
      queued = 0
      shape = "full"
      replay_guard = true

      [otherwise]
      replies = [{ say = "marketplace" }]
      """
    When the backend asks user 1 for VINTED_ORDERS {"shop_id": 123, "n": 1} within 300 seconds
    And the command has come to a plugin
    And the backend asks user 1 for VINTED_ORDERS {"shop_id": 123, "n": 2} within 300 seconds
    Then call 2 fails with "Request queue full - too many pending requests"
    And call 1 returns {"orders": []}
    When the backend asks user 1 for VINTED_ORDERS {"shop_id": 123, "n": 3} within 300 seconds
    Then call 3 returns {"orders": []}

  @judges:ERR-2
  Scenario Outline: The relay gives a command up after 30 seconds, and the listing is published all the same, as told by "<behaviour>"
    Given the first POST of the photo at Vinted takes 90 seconds
    And user 1 has a plugin that behaves as in "<behaviour>"
    When the backend asks user 1 for VINTED_PUBLISH {"shop_id": 123, "title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2, "photos": ["front"]} within 300 seconds
    Then the call fails with "Plugin operation timed out"
    And Vinted saw exactly 1 publish for that call
    And shop 123 has 1 listing at Vinted

    Examples:
      | behaviour         |
      | extension         |
      | extension-in-full |

  @judges:JOB-3
  Scenario: A publication that the relay gave up is tried again, and is there twice
    Given the first POST of the photo at Vinted takes 90 seconds
    And user 1 has a plugin that behaves as in "extension"
    And a publish job of user 1 for shop 123 with a timeout of 300 seconds and the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2, "photos": ["front"]}
    When the next job of user 1 is processed
    Then the job fails with an error that contains "Plugin operation timed out"
    And the job will be tried again, after 1 failed attempt
    And Vinted saw exactly 1 publish for that call
    When the next job of user 1 is processed
    Then the job succeeds
    And Vinted saw exactly 1 publish for that call
    And shop 123 has 2 listings at Vinted

  @judges:JOB-1
  Scenario: What takes 20 seconds is in time for the relay
    Given the first POST of the listing at Vinted takes 20 seconds
    And user 1 has a plugin that behaves as in "extension"
    And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2}
    When the next job of user 1 is processed
    Then the job succeeds

  @judges:JOB-1
  Scenario: A publication whose answer is lost is sent again, and is there twice
    Given the first POST of the listing at Vinted is reset after it was processed
    And user 1 has a plugin that behaves as in "extension"
    And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2}
    When the next job of user 1 is processed
    Then the job succeeds
    And Vinted saw exactly 2 publishes for that call
    And shop 123 has 2 listings at Vinted

  @judges:JOB-1
  Scenario: A publication that never came to be processed is sent again, and is there once
    Given the first POST of the listing at Vinted is reset before it was processed
    And user 1 has a plugin that behaves as in "extension"
    And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2}
    When the next job of user 1 is processed
    Then the job succeeds
    And Vinted saw exactly 1 publish for that call

  @judges:JOB-4
  Scenario: A publication whose answer is lost fails where nothing is sent twice, and is there once
    Given the first POST of the listing at Vinted is reset after it was processed
    And user 1 has a plugin that behaves as in "extension-in-full"
    And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2}
    When the next job of user 1 is processed
    Then the job fails with an error that contains "Vinted did not answer"
    And Vinted saw exactly 1 publish for that call
    And shop 123 has 1 listing at Vinted

  @judges:JOB-4
  Scenario Outline: A publication <mishap> twice fails
    Given every POST of the listing at Vinted is <mishap>
    And user 1 has a plugin that behaves as in "extension"
    And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2}
    When the next job of user 1 is processed
    Then the job fails with an error that contains "Vinted did not answer"
    And Vinted saw <publishes> for that call

    Examples:
      | mishap                        | publishes           |
      | reset before it was processed | no publish          |
      | reset after it was processed  | exactly 2 publishes |

  @judges:ISO-10
  Scenario: Two tabs that share a replay guard publish once
    Given user 1 has a plugin that behaves so:
      """
      [extension]
      replay_guard = true

      [otherwise]
      replies = [{ say = "marketplace" }]
      """
    And user 1 has a plugin that behaves so:
      """
      [extension]
      replay_guard = true

      [otherwise]
      replies = [{ say = "marketplace" }]
      """
    When the backend asks user 1 for VINTED_PUBLISH {"shop_id": 123, "title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2} within 300 seconds
    Then the call returns {"id": 123000001, "url": "/items/123000001", "title": "Robe longue"}
    And Vinted saw exactly 1 publish for that call
    And shop 123 has 1 listing at Vinted

  @judges:ISO-10
  Scenario: Two tabs without a replay guard each carry the command out
    Given shop 123 has 1 listing at Vinted
    And user 1 has a plugin that behaves as in "extension"
    And user 1 has a plugin that behaves so:
      """
      [extension]
      shape = "relay"

      [otherwise]
      replies = [{ when = { after_s = 20 }, say = "marketplace" }]
      """
    When the backend asks user 1 for VINTED_UPDATE {"shop_id": 123, "item_id": 123000001, "title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2} within 300 seconds
    Then the call returns {"id": 123000001, "url": "/items/123000001", "title": "Robe longue"}
    And Vinted saw exactly 2 updates for that call
