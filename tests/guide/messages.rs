//! The catalog of messages, from the sources: what each means, and the remedy it is given with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprCall, ExprStruct, ExprTuple, ImplItemFn, Item, ItemEnum, ItemFn,
    ItemMod, Lit, Local, Meta, Pat,
};

use crate::support::root;

const HEAD: &str = "# Messages

What the program can say when something is wrong, what it means, and what to do. `…` stands for a name, a number or a file. This chapter is
made from the sources of the program; a search for a few words of a message finds it.

";

/// What the maker of faults about parts above one whole says, with figures in place of these.
const PART_REMEDY: &str = "write 50 % as 0.50 or \"50 %\"";

/// Pairs of a problem and its remedy, and messages with their meaning by the type that has them.
#[derive(Default)]
struct Found {
    refusals: BTreeSet<(String, String)>,
    faults: BTreeSet<(String, String)>,
    types: Vec<(String, Vec<(String, String)>)>,
    /// Of the function that is looked at: the texts that its names may stand for, and the remedies of its own makers of faults.
    texts: BTreeMap<String, Vec<String>>,
    remedies: BTreeMap<String, String>,
    /// Texts of constants, by name.
    constants: BTreeMap<String, String>,
}

/// A text as a person sees it: places for values are `…`.
fn shown(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let (_, behind) = behind.split_once('}').unwrap_or(("", ""));
        out.push('…');
        rest = behind;
    }
    out.push_str(rest);
    out.replace('|', "\\|").replace('\n', " ")
}

fn literals(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Literal(literal) => {
                if let Ok(Lit::Str(text)) = syn::parse_str::<Lit>(&literal.to_string()) {
                    found.push(text.value());
                }
            }
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// All texts of an expression that are sentences, looked for in macros and calls too.
fn texts_of(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    literals(quote::ToTokens::to_token_stream(expr), &mut found);
    found.retain(|text| text.contains(' '));
    found
}

fn text_of(expr: &Expr) -> Option<String> {
    texts_of(expr).into_iter().next()
}

/// The name that an expression is, without what is called on it.
fn name_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::MethodCall(call) => name_of(&call.receiver),
        Expr::Reference(reference) => name_of(&reference.expr),
        _ => None,
    }
}

fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|a| match &a.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// What an `#[error("…")]` says; `None` for one that passes another error on.
fn message(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|a| a.path().is_ident("error"))?;
    let Meta::List(list) = &attribute.meta else {
        return None;
    };
    let mut found = Vec::new();
    literals(list.tokens.clone(), &mut found);
    found.into_iter().next()
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| {
        a.path().is_ident("test")
            || (a.path().is_ident("cfg")
                && quote::ToTokens::to_token_stream(&a.meta)
                    .to_string()
                    .contains("test"))
    })
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            self.begin(&item.block);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.begin(&item.block);
        visit::visit_impl_item_fn(self, item);
    }

    /// A row of a table of known files: what it is, and the remedy, a constant.
    fn visit_expr_tuple(&mut self, item: &'ast ExprTuple) {
        let parts: Vec<&Expr> = item.elems.iter().collect();
        if let [.., what, remedy] = parts.as_slice()
            && matches!(remedy, Expr::Path(_))
            && let Some(what) = text_of(what)
            && let Some(remedy) = self.said(remedy).first()
        {
            let pair = (shown(&what), shown(remedy));
            self.refusals.insert(pair);
        }
        visit::visit_expr_tuple(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        let messages: Vec<_> = item
            .variants
            .iter()
            .filter_map(|v| Some((shown(&message(&v.attrs)?), docs(&v.attrs))))
            .collect();
        if !messages.is_empty() {
            self.types.push((docs(&item.attrs), messages));
        }
        visit::visit_item_enum(self, item);
    }

    fn visit_expr_struct(&mut self, item: &'ast ExprStruct) {
        let field = |name: &str| {
            let named =
                |f: &&syn::FieldValue| matches!(&f.member, syn::Member::Named(n) if n == name);
            item.fields
                .iter()
                .find(named)
                .and_then(|f| text_of(&f.expr))
        };
        if let (Some(reason), Some(remedy)) = (field("reason"), field("remedy")) {
            self.refusals.insert((shown(&reason), shown(&remedy)));
        }
        visit::visit_expr_struct(self, item);
    }

    fn visit_expr_call(&mut self, item: &'ast ExprCall) {
        let name = quote::ToTokens::to_token_stream(&item.func)
            .to_string()
            .replace(' ', "");
        self.pair(&name, &item.args);
        visit::visit_expr_call(self, item);
    }

    fn visit_expr_method_call(&mut self, item: &'ast syn::ExprMethodCall) {
        self.pair(&item.method.to_string(), &item.args);
        visit::visit_expr_method_call(self, item);
    }
}

/// Looks for what names of a function stand for.
struct Names<'f>(&'f mut Found);

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_local(&mut self, local: &'ast Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
            let name = name.ident.to_string();
            match &*init.expr {
                Expr::Closure(closure) => {
                    let remedy = texts_of(&closure.body).pop();
                    self.0.remedies.extend(remedy.map(|remedy| (name, remedy)));
                }
                expr => {
                    self.0.texts.insert(name, texts_of(expr));
                }
            }
        }
        visit::visit_local(self, local);
    }
}

impl Found {
    fn file(&mut self, file: &syn::File) {
        let constants = file.items.iter().filter_map(|item| match item {
            Item::Const(constant) => Some((constant.ident.to_string(), text_of(&constant.expr)?)),
            _ => None,
        });
        self.constants = constants.collect();
        self.visit_file(file);
    }

    fn begin(&mut self, block: &Block) {
        self.texts.clear();
        self.remedies.clear();
        Names(self).visit_block(block);
    }

    /// What an argument may say: its own text, or those of the name that it is.
    fn said(&self, argument: &Expr) -> Vec<String> {
        match text_of(argument) {
            Some(text) => vec![text],
            None => name_of(argument)
                .and_then(|name| {
                    let constant = self.constants.get(&name).map(|text| vec![text.clone()]);
                    self.texts.get(&name).cloned().or(constant)
                })
                .unwrap_or_default(),
        }
    }

    /// The last arguments of a call that makes a fault or names a kind of file: the problem and the remedy.
    fn pair<P>(&mut self, name: &str, args: &syn::punctuated::Punctuated<Expr, P>) {
        let args: Vec<&Expr> = args.iter().collect();
        if name == "part_of_one" {
            let problems = args.last().map(|problem| self.said(problem));
            let with_remedy = |problem: String| (shown(&problem), PART_REMEDY.to_owned());
            let pairs = problems.into_iter().flatten().map(with_remedy);
            return self.faults.extend(pairs);
        }
        let is_refusal = matches!(name, "Kind::new" | "refuse");
        if !is_refusal && !matches!(name, "fault" | "Fault::new" | "self.fault") {
            return;
        }
        let (problems, remedies) = match (args.as_slice(), self.remedies.get(name)) {
            ([problem], Some(remedy)) => (self.said(problem), vec![remedy.clone()]),
            ([.., problem, remedy], _) => (self.said(problem), self.said(remedy)),
            _ => return,
        };
        let Some(remedy) = remedies.first() else {
            return;
        };
        for problem in problems {
            let pair = (shown(&problem), shown(remedy));
            if is_refusal {
                self.refusals.insert(pair);
            } else {
                self.faults.insert(pair);
            }
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn table(titles: [&str; 2], rows: impl IntoIterator<Item = (String, String)>) -> String {
    let mut text = format!("| {} | {} |\n|---|---|\n", titles[0], titles[1]);
    for (first, second) in rows {
        text.push_str(&format!("| {first} | {second} |\n"));
    }
    text + "\n"
}

/// The whole chapter.
pub fn chapter() -> String {
    let mut paths = Vec::new();
    sources(&root().join("src"), &mut paths);
    paths.sort();
    let mut found = Found::default();
    for path in paths.iter().filter(|p| !p.ends_with("tests.rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        found.file(&syn::parse_file(&text).unwrap());
    }
    assert!(
        found.refusals.len() > 20 && found.faults.len() > 50,
        "the sources were not understood: {} {}",
        found.refusals.len(),
        found.faults.len()
    );
    let mut text = HEAD.to_owned();
    text.push_str("## Files that cannot be taken\n\n");
    text.push_str(&table(["What is wrong", "What to do"], found.refusals));
    text.push_str("## Contracts, rates, balances and payout files\n\n");
    text.push_str(&table(["What is wrong", "What to do"], found.faults));
    text.push_str("## Other messages\n\n");
    for (about, messages) in found.types {
        text.push_str(&format!("### {}\n\n", about.trim_end_matches('.')));
        text.push_str(&table(["Message", "What it means"], messages));
    }
    text.trim_end().to_owned() + "\n"
}

#[test]
fn problems_and_remedies_are_found_in_code() {
    let code = r#"
        fn f() { Err(Refused { reason: format!("it has {n} parts"), remedy: "Ask for one".into() }) }
        fn g() { fault(at, "rate", "the rate is odd".into(), "write it as 0.5") }
        fn h() {
            let fault = |problem: String| Fault::new(at, "x", problem, "name it");
            let problem = if a { "it has no name" } else { "its name is odd" };
            Err(fault(problem.to_owned()))
        }
        #[cfg(test)] mod tests { fn i() { fault(at, "x", "a test only", "no remedy here") } }
        /// What can go wrong.
        enum E {
            /// Nothing is there.
            #[error("there is no {0}")] None(String),
            #[error(transparent)] Other(Io),
        }"#;
    let mut found = Found::default();
    found.file(&syn::parse_file(code).unwrap());
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        found.refusals,
        [pair("it has … parts", "Ask for one")].into()
    );
    let faults = [
        pair("it has no name", "name it"),
        pair("its name is odd", "name it"),
        pair("the rate is odd", "write it as 0.5"),
    ];
    assert_eq!(found.faults, faults.into());
    let none = pair("there is no …", "Nothing is there.");
    assert_eq!(found.types, [("What can go wrong.".to_owned(), vec![none])]);
}
