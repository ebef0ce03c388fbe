//! Rust source to tokens: just enough to tell code from comments, strings, characters and lifetimes.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword; raw identifiers come without their `r#`.
    Ident,
    /// One character of punctuation, or `::`.
    Punct,
    /// A string literal of any form: its text as written between the quotes.
    Text,
    /// A number, a character or a lifetime.
    Other,
}

/// One token and the line (from 1) on which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    /// Whether this is code (no string) that reads `text`.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Ident | Kind::Punct) && self.text == text
    }
}

/// The tokens of `source`, comments left out. Source that does not parse ends early rather than failing.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: source.chars().collect(), at: 0, line: 1, tokens: Vec::new() };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        self.tokens.push(Token { kind, text, line });
    }

    fn step(&mut self) -> bool {
        let Some(c) = self.peek(0) else { return false };
        match (c, self.peek(1)) {
            ('/', Some('/')) => while self.peek(0).is_some_and(|c| c != '\n') && self.bump().is_some() {},
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.string(),
            ('\'', _) => self.quote(),
            (':', Some(':')) => {
                self.at += 2;
                self.push(Kind::Punct, "::".to_owned(), self.line);
            }
            _ if c.is_whitespace() => {
                self.bump();
            }
            _ if is_name(c) => self.name(),
            _ => {
                self.bump();
                self.push(Kind::Punct, c.to_string(), self.line);
            }
        }
        true
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                (Some(_), _) => {
                    self.bump();
                }
                (None, _) => return,
            }
        }
    }

    /// A plain string, the opening quote next.
    fn string(&mut self) {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                '"' => break,
                '\\' => {
                    text.push(c);
                    text.extend(self.bump());
                }
                _ => text.push(c),
            }
        }
        self.push(Kind::Text, text, line);
    }

    /// A raw string, its hashes or its quote next.
    fn raw_string(&mut self) {
        let line = self.line;
        let mut hashes = 0;
        while self.bump() == Some('#') {
            hashes += 1;
        }
        let mut text = String::new();
        while let Some(c) = self.bump() {
            if c == '"' && (0..hashes).all(|n| self.peek(n) == Some('#')) {
                self.at += hashes;
                break;
            }
            text.push(c);
        }
        self.push(Kind::Text, text, line);
    }

    /// A character or a lifetime, the quote next.
    fn quote(&mut self) {
        let line = self.line;
        self.bump();
        let mut text = "'".to_owned();
        if self.peek(0) == Some('\\') {
            text.extend(self.bump());
            text.extend(self.bump());
            while self.peek(0).is_some_and(|c| c != '\'' && c != '\n') {
                text.extend(self.bump());
            }
            self.bump();
        } else if self.peek(1) == Some('\'') {
            text.extend(self.bump());
            self.bump();
        } else {
            while self.peek(0).is_some_and(is_name) {
                text.extend(self.bump());
            }
        }
        self.push(Kind::Other, text, line);
    }

    /// A name, a number, or the prefix of a literal.
    fn name(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while let Some(c) = self.peek(0).filter(|c| is_name(*c)) {
            text.push(c);
            self.at += 1;
        }
        let quoted = self.chars[self.at..].iter().find(|c| **c != '#') == Some(&'"');
        match (text.as_str(), self.peek(0)) {
            ("r" | "br" | "cr", _) if quoted => self.raw_string(),
            ("b" | "c", Some('"')) => self.string(),
            ("b", Some('\'')) => self.quote(),
            ("r", Some('#')) if self.peek(1).is_some_and(is_name) => {
                self.at += 1;
                self.name();
            }
            _ if text.starts_with(|c: char| c.is_ascii_digit()) => self.push(Kind::Other, text, line),
            _ => self.push(Kind::Ident, text, line),
        }
    }
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
