Feature: Plugins carry actions out at Vinted

  Each action of the backend becomes requests of the plugin to Vinted, and what comes back becomes the job's result, or its
  error.

  Rule: What is asked for is done

    @judges:JOB-1
    Scenario: A publish job uploads its photos and then creates the listing with them
      Given shop 123 has 2 listings at Vinted
      And user 1 has a plugin that behaves as in "extension"
      And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2, "photos": ["front", "back"]}
      When the next job of user 1 is processed
      Then the job succeeds
      And the job is completed
      And Vinted saw exactly 2 photos for that call
      And Vinted saw exactly 1 publish for that call
      And shop 123 has 3 listings at Vinted

    @judges:JOB-5
    Scenario: A listing that was published is new to the next sync
      Given shop 123 has 2 listings at Vinted
      And user 1 has a plugin that behaves as in "extension"
      And a sync job of user 1 for shop 123
      And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2}
      And a sync job of user 1 for shop 123
      When the next job of user 1 is processed
      Then the job succeeds with {"imported": 2, "updated": 0}
      When the next job of user 1 is processed
      Then the job succeeds
      When the next job of user 1 is processed
      Then the job succeeds with {"imported": 1, "updated": 0}

    @judges:JOB-5
    Scenario: A listing that was updated has changed for the next sync
      Given shop 123 has 2 listings at Vinted
      And user 1 has a plugin that behaves as in "extension"
      And a sync job of user 1 for shop 123
      And an update job of user 1 for shop 123 with the input {"item_id": 123000002, "title": "Robe courte", "description": "Neuve", "price": 19.9, "catalog_id": 1821, "status_id": 6, "package_size_id": 2, "photos": ["front"]}
      And a sync job of user 1 for shop 123
      When the next job of user 1 is processed
      Then the job succeeds with {"imported": 2, "updated": 0}
      When the next job of user 1 is processed
      Then the job succeeds
      And Vinted saw exactly 1 photo for that call
      And Vinted saw exactly 1 update for that call
      When the next job of user 1 is processed
      Then the job succeeds with {"imported": 0, "updated": 1}

    @judges:JOB-1
    Scenario: A delete job takes the listing out of the wardrobe
      Given shop 123 has 2 listings at Vinted
      And user 1 has a plugin that behaves as in "extension"
      And a delete job of user 1 for shop 123 with the input {"item_id": 123000002}
      When the next job of user 1 is processed
      Then the job succeeds
      And Vinted saw exactly 1 deletion for that call
      And shop 123 has 1 listing at Vinted

    @judges:JOB-1
    Scenario: An orders job reads every page
      Given shop 123 has 5 sales and 2 purchases at Vinted
      And user 1 has a plugin that behaves as in "extension"
      And an orders job of user 1 for shop 123 with the input {"per_page": 2}
      When the next job of user 1 is processed
      Then the job succeeds
      And Vinted was asked nothing that it does not know

    @judges:CORR-6
    Scenario: A call for a publication returns where the listing is to be found
      Given user 1 has a plugin that behaves as in "extension"
      When the backend asks user 1 for VINTED_PUBLISH {"shop_id": 123, "title": "Robe d'été 👗", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2, "photos": ["front"]} within 300 seconds
      Then the call returns {"id": 123000001, "url": "/items/123000001", "title": "Robe d'été 👗"}
      And Vinted saw exactly 1 publish for that call

    @judges:CORR-6
    Scenario: Calls for an update and a deletion return which listing it was
      Given shop 123 has 2 listings at Vinted
      And user 1 has a plugin that behaves as in "extension"
      When the backend asks user 1 for VINTED_UPDATE {"shop_id": 123, "item_id": 123000001, "title": "Robe courte", "description": "Neuve", "price": 19.9, "catalog_id": 1821, "status_id": 6, "package_size_id": 2} within 300 seconds
      Then the call returns {"id": 123000001, "url": "/items/123000001", "title": "Robe courte"}
      When the backend asks user 1 for VINTED_DELETE {"shop_id": 123, "item_id": 123000001} within 300 seconds
      Then the call returns {"id": 123000001}
      And shop 123 has 1 listing at Vinted

    @judges:CORR-6
    Scenario: A raw call returns the body as Vinted sent it
      Given user 1 has a plugin that behaves as in "extension"
      When the backend asks user 1 for VINTED_API_CALL {"shop_id": 123, "method": "GET", "endpoint": "/api/v2/wardrobe/123/items", "params": {"page": 1, "per_page": 20}} within 300 seconds
      Then the call returns {"items": [], "pagination": {"current_page": 1, "total_pages": 1, "total_entries": 0, "per_page": 20}}

    @judges:CORR-6
    Scenario: A raw call sends its data
      Given shop 123 has 2 listings at Vinted
      And user 1 has a plugin that behaves as in "extension"
      When the backend asks user 1 for VINTED_API_CALL {"shop_id": 123, "method": "POST", "endpoint": "/api/v2/items/123000001/delete", "data": {}} within 300 seconds
      Then the call returns {"code": 0, "message_code": "ok"}
      And Vinted saw exactly 1 deletion for that call

  Rule: What Vinted refuses fails

    @judges:ERR-2
    Scenario Outline: A publication that gets <answer> fails with the status in its text, as told by "<behaviour>"
      Given the first POST of the listing at Vinted gets <answer>
      And user 1 has a plugin that behaves as in "<behaviour>"
      When the backend asks user 1 for VINTED_PUBLISH {"shop_id": 123, "title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2} within 300 seconds
      Then the call fails with "Vinted API error <status>"
      And Vinted saw no publish for that call

      Examples:
        | answer                 | status | behaviour         |
        | 400                    | 400    | extension         |
        | 401                    | 401    | extension         |
        | 403                    | 403    | extension         |
        | 429 with Retry-After 3 | 429    | extension         |
        | 503                    | 503    | extension         |
        | 400                    | 400    | extension-in-full |
        | 401                    | 401    | extension-in-full |
        | 403                    | 403    | extension-in-full |
        | 429 with Retry-After 3 | 429    | extension-in-full |
        | 503                    | 503    | extension-in-full |

    @judges:JOB-4
    Scenario Outline: A <action> job fails with what Vinted says of <mistake>, as told by "<behaviour>", and will be tried again
      Given shop 123 has 2 listings at Vinted
      And user 1 has a plugin that behaves as in "<behaviour>"
      And a <action> job of user 1 for shop 123 with the input <input>
      When the next job of user 1 is processed
      Then the job fails with an error that contains "<error>"
      And the job is pending
      And shop 123 has 2 listings at Vinted

      Examples:
        | action  | mistake                    | behaviour         | input                                                                                                                                          | error                |
        | publish | a listing without a title  | extension         | {"description": "Neuve", "price": 25}                                                                                                          | Vinted API error 422 |
        | publish | a listing without a title  | extension-in-full | {"description": "Neuve", "price": 25}                                                                                                          | Vinted API error 422 |
        | update  | a listing that was deleted | extension-in-full | {"item_id": 9, "title": "Robe", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2}                   | Vinted API error 404 |
        | delete  | a listing that was deleted | extension         | {"item_id": 9}                                                                                                                                 | Vinted API error 404 |
        | delete  | a listing that was deleted | extension-in-full | {"item_id": 9}                                                                                                                                 | Vinted API error 404 |

    @judges:JOB-4
    Scenario: Orders of which one page fails are no part of the orders
      Given shop 123 has 5 sales and 2 purchases at Vinted
      And page 2 of the orders at Vinted gets 502
      And user 1 has a plugin that behaves as in "extension"
      And an orders job of user 1 for shop 123 with the input {"per_page": 2}
      When the next job of user 1 is processed
      Then the job fails with an error that contains "Vinted API error 502"

    @judges:JOB-4
    Scenario: A photo that is refused leaves nothing published
      Given the second POST of the photo at Vinted gets 422
      And user 1 has a plugin that behaves as in "extension"
      And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "description": "Neuve", "price": 25, "catalog_id": 1821, "status_id": 6, "package_size_id": 2, "photos": ["front", "back"]}
      When the next job of user 1 is processed
      Then the job fails with an error that contains "Vinted API error 422"
      And Vinted saw exactly 1 photo for that call
      And Vinted saw no publish for that call

    @judges:JOB-3
    Scenario: A session that has expired meanwhile fails the job in order
      Given page 2 of the wardrobe at Vinted gets 401
      And shop 123 has 200 listings at Vinted
      And user 1 has a plugin that behaves as in "extension-in-full"
      And a sync job of user 1 for shop 123
      When the next job of user 1 is processed
      Then the job fails with an error that contains "Vinted API error 401"
      And the job is pending

    @judges:ERR-6
    Scenario: A command that Vinted refuses harms no other
      Given shop 123 has 2 listings at Vinted
      And every POST of the deletion at Vinted takes 20 seconds
      And user 1 has a plugin that behaves as in "extension"
      When the backend asks user 1 for VINTED_DELETE {"shop_id": 123, "item_id": 9} within 300 seconds
      And the backend asks user 1 for VINTED_DELETE {"shop_id": 123, "item_id": 123000001} within 300 seconds
      Then call 1 fails with "Vinted API error 404"
      And call 2 returns {"id": 123000001}

  Rule: What makes no sense never gets to Vinted

    @judges:ERR-2
    Scenario Outline: The extension refuses <what> by itself, as told by "<behaviour>"
      Given user 1 has a plugin that behaves as in "<behaviour>"
      When the backend asks user 1 for <action> <payload> within 300 seconds
      Then the call fails with "<error>"

      Examples:
        | what                        | behaviour                 | action          | payload                                                    | error                                                                                                          |
        | a deletion without an item  | extension                 | VINTED_DELETE   | {"shop_id": 123}                                           | INVALID_PAYLOAD: the payload has no `item_id`                                                                  |
        | a deletion without an item  | extension-in-full         | VINTED_DELETE   | {"shop_id": 123}                                           | INVALID_PAYLOAD: the payload has no `item_id`                                                                  |
        | photos that are no texts    | extension-in-full         | VINTED_PUBLISH  | {"photos": [1]}                                            | INVALID_PAYLOAD: `photos` is no list of texts                                                                  |
        | a call outside of the API   | extension                 | VINTED_API_CALL | {"method": "GET", "endpoint": "/oauth/token"}              | FORBIDDEN_ENDPOINT: `/oauth/token` lies outside of /api/v2                                                     |
        | a call outside of the API   | extension-in-full         | VINTED_API_CALL | {"method": "GET", "endpoint": "/oauth/token"}              | FORBIDDEN_ENDPOINT: `/oauth/token` lies outside of /api/v2                                                     |
        | an action that there is not | extension-in-full         | VINTED_PUBLSH   | {"shop_id": 123}                                           | UNKNOWN_ACTION: no action is called `VINTED_PUBLSH`: did you mean `VINTED_PUBLISH`?                            |
        | everything, without session | extension-without-session | VINTED_PUBLISH  | {"shop_id": 123, "title": "Robe longue"}                   | NO_VINTED_SESSION: nobody is logged in at Vinted                                                               |

    @judges:JOB-4
    Scenario: Without a session the job's error says so, and Vinted hears nothing
      Given user 1 has a plugin that behaves as in "extension-without-session"
      And a publish job of user 1 for shop 123 with the input {"title": "Robe longue", "photos": ["front"]}
      When the next job of user 1 is processed
      Then the job fails with an error that contains "NO_VINTED_SESSION"
      And Vinted saw no photo for that call
