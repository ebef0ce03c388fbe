//! Attachments find their packet, or the error says what went wrong.

use bytes::Bytes;
use hubproof::wire::{
    Incoming, WireError,
    socket::{Arrival, Assembler, Body, Data, Limits},
};
use serde_json::json;

const TWO: &str = r#"52-["photos",{"_placeholder":true,"num":1},{"in":[{"_placeholder":true,"num":0}]}]"#;

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

#[test]
fn attachments_are_put_where_their_placeholders_are() {
    let mut assembler = Assembler::default();
    assert_eq!(assembler.text(TWO), Ok(Arrival::Waiting { missing: 2 }));
    assert_eq!(assembler.binary(bytes("first")), Ok(Arrival::Waiting { missing: 1 }));
    let Ok(Arrival::Binary(whole)) = assembler.binary(bytes("second")) else { panic!("both came") };
    let inner = Data::Array(vec![Data::Bytes(bytes("first"))]);
    assert_eq!(whole.args, [Data::Bytes(bytes("second")), Data::Object([("in".to_owned(), inner)].into())]);
    assert_eq!(assembler.missing(), 0);
    assert_eq!(assembler.finish(), Ok(()));
}

#[test]
fn packets_without_attachments_pass_through_at_once() {
    let mut assembler = Assembler::default();
    let arrival = assembler.text(r#"2["hi"]"#).unwrap();
    assert!(matches!(arrival, Arrival::Packet(_)));
    let arrival = assembler.text(r#"50-["hi"]"#).unwrap();
    assert!(matches!(arrival, Arrival::Binary(_)));
}

#[test]
fn too_few_attachments_are_noticed_at_the_end() {
    let mut assembler = Assembler::default();
    assembler.text(TWO).unwrap();
    assembler.binary(bytes("first")).unwrap();
    assert_eq!(assembler.finish(), Err(WireError::TooFewAttachments { announced: 2, got: 1 }));
    assert_eq!(assembler.finish(), Ok(()), "said once");
}

#[test]
fn too_many_attachments_are_unexpected() {
    let mut assembler = Assembler::default();
    assembler.text(r#"51-["photo",{"_placeholder":true,"num":0}]"#).unwrap();
    assembler.binary(bytes("first")).unwrap();
    assert_eq!(assembler.binary(bytes("one more")), Err(WireError::UnexpectedAttachment { bytes: 8 }));
}

#[test]
fn a_text_among_attachments_ends_the_packet() {
    let mut assembler = Assembler::default();
    assembler.text(TWO).unwrap();
    assert_eq!(assembler.text(r#"2["hi"]"#), Err(WireError::TextWhileWaiting { missing: 2 }));
    assert_eq!(assembler.missing(), 0);
    assert!(assembler.text(r#"2["hi"]"#).is_ok(), "idle again");
}

#[test]
fn a_placeholder_must_name_an_attachment_that_is_announced() {
    for (num, shown) in [
        (r#","num":1"#, "1"),
        (r#","num":-1"#, "-1"),
        (r#","num":0.5"#, "0.5"),
        (r#","num":"0""#, r#""0""#),
        ("", "nothing"),
    ] {
        let text = format!(r#"51-["photo",[{{"a":{{"_placeholder":true{num}}}}}]]"#);
        assert_eq!(
            Assembler::default().text(&text),
            Err(WireError::BadPlaceholder { num: shown.to_owned(), attachments: 1 })
        );
    }
}

#[test]
fn placeholders_may_share_an_attachment_and_an_attachment_may_have_none() {
    let mut assembler = Assembler::default();
    let shared = r#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#;
    assembler.text(shared).unwrap();
    assembler.binary(bytes("used")).unwrap();
    let Ok(Arrival::Binary(whole)) = assembler.binary(bytes("unused")) else { panic!("both came") };
    assert_eq!(whole.args, vec![Data::Bytes(bytes("used")); 2]);
    assert_eq!(whole.attachments, [bytes("used"), bytes("unused")]);
}

#[test]
fn limits_hold_before_anything_is_kept() {
    let mut assembler = Assembler::new(Limits { attachments: 2, bytes: 10 });
    assert_eq!(assembler.text(r#"53-["a"]"#), Err(WireError::TooManyAnnounced { announced: 3, limit: 2 }));
    assembler.text(TWO).unwrap();
    assembler.binary(bytes("seven b")).unwrap();
    assert_eq!(assembler.binary(bytes("four")), Err(WireError::AttachmentsTooLong { bytes: 11, limit: 10 }));
}

#[test]
fn an_assembler_takes_frames_as_a_connection_gives_them() {
    let mut assembler = Assembler::default();
    let Ok(Incoming::Socket(frame)) = Incoming::read(r#"461-7[{"_placeholder":true,"num":0}]"#) else {
        panic!("a message")
    };
    assert_eq!(assembler.frame(&frame), Ok(Arrival::Waiting { missing: 1 }));
}

#[test]
fn bytes_are_detached_in_the_order_of_their_placeholders() {
    let args = vec![Data::from(json!({"n": 1})), Data::Array(vec![bytes("a").into(), bytes("b").into()])];
    let (body, attachments) = Body::binary_ack(4, args);
    assert_eq!(attachments, [bytes("a"), bytes("b")]);
    assert_eq!(
        body.in_root().to_text(),
        r#"62-4[{"n":1},[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]]"#
    );
}
