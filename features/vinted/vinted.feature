Feature: The marketplace fails

  What goes wrong at Vinted reaches the backend as the error of its job, and is over with it.

  @judges:JOB-4
  Scenario Outline: A sync fails with what Vinted says: the second GET of the wardrobe gets <answer>
    Given shop 123 has 200 listings at Vinted
    And the second GET of the wardrobe at Vinted gets <answer>
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job fails with an error that contains "<error>"
    And Vinted saw no publish for that call
    And Vinted was asked nothing that it does not know

    Examples:
      | answer                 | error                |
      | 429 with Retry-After 3 | Vinted API error 429 |
      | 403                    | Vinted API error 403 |
      | 401                    | Vinted API error 401 |
      | 502                    | Vinted API error 502 |

  @judges:JOB-4
  Scenario Outline: A sync fails in order when page 2 of 18 <mishap>
    Given shop 123 has 1700 listings at Vinted
    And page 2 of the wardrobe at Vinted <mishap>
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123
    When the next job of user 1 is processed
    Then the job fails with an error that contains "<error>"

    Examples:
      | mishap                           | error                 |
      | is reset before it was processed | Vinted did not answer |
      | is truncated                     | Vinted did not answer |
      | is cut short                     | no page of a wardrobe |

  @judges:JOB-5
  Scenario: A sync takes as long as Vinted takes
    Given shop 123 has 200 listings at Vinted
    And the first GET of the wardrobe at Vinted takes 20 seconds
    And the second GET of the wardrobe at Vinted drips over 10 seconds
    And user 1 has a plugin that carries commands out at Vinted
    And a sync job of user 1 for shop 123 with a timeout of 300 seconds
    When the next job of user 1 is processed
    Then the job succeeds with {"imported": 200, "updated": 0}
    And shop 123 has 200 listings at Vinted
