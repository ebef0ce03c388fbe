//! Tokens to paths: every name a file mentions, with `use` trees spelled out and inline modules followed.

use crate::lexer::{Kind, Token};

/// How a path is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// In a `use`.
    Import,
    /// With a `!` after it.
    Macro,
    /// With a `(` after it.
    Call,
    /// In any other way.
    Mention,
}

/// One path that a file names, in a `use` or in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The segments as written: `crate`, `super` and `self` stay; `*` ends a glob.
    pub(crate) segments: Vec<String>,
    /// The line of the last segment.
    pub(crate) line: usize,
    /// How the code names it.
    pub(crate) how: How,
    /// Whether it stands in a `#[test]` or `#[cfg(test)]` item.
    pub(crate) in_test: bool,
    /// The inline modules around it, outermost first.
    pub(crate) modules: Vec<String>,
}

impl Named {
    /// Whether the segments contain `pattern`, one after the other.
    pub(crate) fn has(&self, pattern: &[&str]) -> bool {
        self.segments.windows(pattern.len()).any(|window| window == pattern)
    }

    /// The path from the crate's root, for a name in the module `home`; none for names that are not of this crate.
    pub(crate) fn absolute(&self, home: &[String]) -> Option<Vec<String>> {
        let mut path: Vec<String> = home.iter().chain(&self.modules).cloned().collect();
        let mut rest = self.segments.as_slice();
        match rest.first()?.as_str() {
            "crate" | "hubproof" => path.clear(),
            "self" => {}
            "super" => {
                path.pop();
            }
            _ => return None,
        }
        rest = &rest[1..];
        while rest.first().is_some_and(|segment| segment == "super") {
            path.pop();
            rest = &rest[1..];
        }
        path.extend(rest.iter().filter(|segment| *segment != "self").cloned());
        Some(path)
    }
}

/// Every path in `tokens`, in order.
pub(crate) fn named(tokens: &[Token]) -> Vec<Named> {
    let mut walk = Walk { tokens, at: 0, scopes: Vec::new(), test_ahead: false, found: Vec::new() };
    while walk.at < tokens.len() {
        walk.step();
    }
    walk.found
}

/// The attributes in `tokens`: the line of the `#` and the tokens between the brackets.
pub(crate) fn attributes(tokens: &[Token]) -> Vec<(usize, &[Token])> {
    let starts = (0..tokens.len()).filter(|at| tokens[*at].is("#"));
    starts.filter_map(|at| Some((tokens[at].line, attribute(tokens, at)?))).collect()
}

/// The tokens between the brackets of the attribute whose `#` is at `at`.
fn attribute(tokens: &[Token], at: usize) -> Option<&[Token]> {
    let open = at + 1 + usize::from(tokens.get(at + 1)?.is("!"));
    if !tokens.get(open)?.is("[") {
        return None;
    }
    let mut depth = 0_usize;
    for (end, token) in tokens.iter().enumerate().skip(open) {
        if token.is("[") {
            depth += 1;
        } else if token.is("]") {
            depth -= 1;
            if depth == 0 {
                return Some(&tokens[open + 1..end]);
            }
        }
    }
    None
}

/// A pair of braces that is open.
struct Scope {
    module: Option<String>,
    test: bool,
}

struct Walk<'a> {
    tokens: &'a [Token],
    at: usize,
    scopes: Vec<Scope>,
    /// A test attribute was read, and its item's body has not come yet.
    test_ahead: bool,
    found: Vec<Named>,
}

impl Walk<'_> {
    fn is(&self, at: usize, text: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(text))
    }

    fn is_ident(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Ident)
    }

    fn step(&mut self) {
        let token = &self.tokens[self.at];
        match (token.kind, token.text.as_str()) {
            (Kind::Punct, "#") => {
                let attribute = attribute(self.tokens, self.at).unwrap_or_default();
                let says = |word: &str| attribute.iter().any(|token| token.is(word));
                self.test_ahead |= says("test") && !says("not");
                self.at += 1;
            }
            (Kind::Punct, "{") => {
                let is_module = self.at >= 2 && self.is(self.at - 2, "mod") && self.is_ident(self.at - 1);
                let module = is_module.then(|| self.tokens[self.at - 1].text.clone());
                let test = std::mem::take(&mut self.test_ahead) || self.in_test();
                self.scopes.push(Scope { module, test });
                self.at += 1;
            }
            (Kind::Punct, "}") => {
                self.scopes.pop();
                self.at += 1;
            }
            (Kind::Punct, ";") => {
                self.test_ahead = false;
                self.at += 1;
            }
            (Kind::Ident, "use") => {
                self.at += 1;
                self.use_tree(&[]);
            }
            (Kind::Ident, _) => self.path(),
            _ => self.at += 1,
        }
    }

    fn in_test(&self) -> bool {
        self.test_ahead || self.scopes.last().is_some_and(|scope| scope.test)
    }

    fn found(&mut self, segments: Vec<String>, last: usize, how: How) {
        self.found.push(Named {
            segments,
            line: self.tokens[last].line,
            how,
            in_test: self.in_test(),
            modules: self.scopes.iter().filter_map(|scope| scope.module.clone()).collect(),
        });
    }

    /// A path in code, its first segment next.
    fn path(&mut self) {
        let mut segments = vec![self.tokens[self.at].text.clone()];
        while self.is(self.at + 1, "::") && self.is_ident(self.at + 2) {
            self.at += 2;
            segments.push(self.tokens[self.at].text.clone());
        }
        let how = if self.is(self.at + 1, "!") && !self.is(self.at + 2, "=") {
            How::Macro
        } else if self.is(self.at + 1, "(") {
            How::Call
        } else {
            How::Mention
        };
        self.found(segments, self.at, how);
        self.at += 1;
    }

    /// One tree of a `use`, up to the `,`, `}` or `;` after it.
    fn use_tree(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        while let Some(token) = self.tokens.get(self.at) {
            match (token.kind, token.text.as_str()) {
                (Kind::Punct, "::") => self.at += 1,
                (Kind::Punct, "{") => {
                    self.at += 1;
                    while self.at < self.tokens.len() && !self.is(self.at, "}") {
                        self.use_tree(&segments);
                        if self.is(self.at, ",") {
                            self.at += 1;
                        } else if !self.is(self.at, "}") {
                            return;
                        }
                    }
                    self.at += 1;
                    return;
                }
                (Kind::Ident, _) | (Kind::Punct, "*") => {
                    segments.push(token.text.clone());
                    if !self.is(self.at + 1, "::") {
                        self.found(segments, self.at, How::Import);
                        self.at += 1;
                        if self.is(self.at, "as") {
                            self.at += 2;
                        }
                        return;
                    }
                    self.at += 1;
                }
                _ => return,
            }
        }
    }
}
