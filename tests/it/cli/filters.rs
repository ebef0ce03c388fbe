//! Which scenarios are chosen, and what is said when none is.

use super::support::hubproof;

/// The addresses that a list shows.
fn listed(filters: &[&str]) -> Vec<String> {
    let ended = hubproof(&[&["check", "--list"], filters].concat()).run().tells(0, &[]);
    let address = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    ended.out.lines().map(address).collect()
}

/// Every address of these guarantees, in the order of the list.
fn all_of(guarantees: &[&str]) -> Vec<String> {
    let of = |address: &String| address.rsplit_once('.').is_some_and(|(id, _)| guarantees.contains(&id));
    let all: Vec<String> = listed(&[]).into_iter().filter(of).collect();
    assert!(all.len() >= guarantees.len(), "{all:?}");
    all
}

#[test]
fn a_list_shows_every_scenario_with_level_and_title() {
    let ended = hubproof(&["check", "--list"]).run();
    let ended = ended.tells(0, &["CORR-4.1  documented  Answers that come in reverse order settle the calls"]);
    assert!(ended.out.lines().count() > 40, "{ended:#?}");
}

#[test]
fn a_scenario_is_chosen_by_address_guarantee_name_or_tags() {
    assert_eq!(listed(&["CORR-7.2"]), ["CORR-7.2"]);
    assert_eq!(listed(&["corr-7"]), all_of(&["CORR-7"]));
    assert_eq!(listed(&["--guarantee", "CORR-7"]), all_of(&["CORR-7"]));
    assert_eq!(listed(&["--guarantee", "corr-4", "--guarantee", "CORR-7"]), all_of(&["CORR-4", "CORR-7"]));
    assert_eq!(listed(&["--name", "BARE COMMAND RETURNS"]), ["CORR-1.2"]);
    assert_eq!(listed(&["--tags", "@judges:CORR-4 or @judges:CORR-8"]), all_of(&["CORR-4", "CORR-8"]));
}

#[test]
fn filters_of_different_kinds_have_all_to_be_met() {
    assert_eq!(listed(&["CORR-7", "--name", "duplicate"]), ["CORR-7.2"]);
    assert_eq!(listed(&["CORR-7", "CORR-4", "--tags", "not @judges:CORR-7"]), all_of(&["CORR-4"]));
}

#[test]
fn an_address_that_is_none_is_answered_with_those_near_it() {
    hubproof(&["check", "CORR-99"])
        .run()
        .refuses(4, &["no scenario has the address 'CORR-99'", "CORR-1.1, CORR-1.2, "]);
    let near = all_of(&["CORR-7"]).join(", ");
    for none in
        ["CORR-7.99", "CORR-7.0", "CORR-7.", "corr-7.+1", "CORR-7.01", "CORR-7.1.1", "CORR-7.99999999999999999999"]
    {
        let ended = hubproof(&["check", none]).run();
        ended.refuses(4, &[&format!("no scenario has the address '{none}': there are {near}\n")]);
    }
    hubproof(&["check", "CORR-4,CORR-7"]).run().refuses(4, &["no scenario has the address 'CORR-4,CORR-7'"]);
    hubproof(&["check", "corr-12"])
        .run()
        .refuses(4, &["no scenario judges CORR-12: 'hubproof check --list' shows all"]);
    for none in ["FOO-1", "nonsense", "", "CORR"] {
        let ended = hubproof(&["check", "CORR-4", none]).run();
        ended.refuses(4, &[&format!("no scenario has the address '{none}'")]);
    }
}

#[test]
fn a_tag_that_nobody_has_is_named_where_nothing_is_left() {
    let tags = |expression: &str| hubproof(&["check", "--tags", expression]).run();
    tags("@sokets").refuses(4, &["no scenario fits, and none has the tag @sokets: 'hubproof check --list' shows all"]);
    tags("@interop and (@a or not @b)").exits(0);
    tags("@interop and not @interop").refuses(4, &["no scenario fits: 'hubproof check --list'"]);
}

#[test]
fn filters_that_leave_nothing_are_no_success() {
    for filters in
        [["CORR-4", "--name", "no such title"], ["CORR-4", "--guarantee", "CORR-7"], ["CORR-4", "--tags", "@x"]]
    {
        for more in [&[][..], &["--list"], &["--sim"]] {
            let ended = hubproof(&[&["check"], &filters[..], more].concat()).run();
            ended.refuses(4, &["no scenario fits", "'hubproof check --list'"]);
        }
    }
}
