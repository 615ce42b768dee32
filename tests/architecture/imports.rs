//! Reads `src/` by syn and tells who names whom. Knows modules and paths, and nothing of what is allowed.
//!
//! Test modules are left out: the walls are for what ships, a test may stand on a ladder.

use std::fmt;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A path named in a room's source: inside the crate it starts at the other room's name.
pub(crate) struct Found {
    pub(crate) room: String,
    pub(crate) path: String,
    file: String,
    line: usize,
    module: Vec<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Everything that the source of the library names.
#[derive(Default)]
pub(crate) struct House {
    /// `crate::…` and `super::…`, in `use`, in line, and in macros.
    pub(crate) imports: Vec<Found>,
    /// Every other path.
    pub(crate) outside: Vec<Found>,
    /// Functions, blocks and closures that are `async`.
    pub(crate) asyncs: Vec<Found>,
    /// `use` in `src/lib.rs`.
    pub(crate) shortcuts: Vec<Found>,
    top_level: Vec<String>,
    test_modules: Vec<Vec<String>>,
}

impl House {
    /// Reads every file below `src/`; panics at the first that is not Rust.
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut house = Self::default();
        for file in rust_files(&root.join("src")) {
            let source = std::fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            house.read_source(&name, &source);
        }
        assert!(!house.rooms().is_empty(), "src/lib.rs holds no module");
        house.forget_test_files();
        house
    }

    pub(crate) fn read_source(&mut self, file: &str, source: &str) {
        let syntax = syn::parse_file(source).unwrap_or_else(|cause| panic!("{file}: {cause}"));
        if file == "src/lib.rs" {
            self.top_level = modules(&syntax, |module| !is_test(&module.attrs));
        }
        Reader { file, module: module_of(file), house: self }.visit_file(&syntax);
    }

    /// The names of the modules that `src/lib.rs` declares.
    pub(crate) fn rooms(&self) -> Vec<String> {
        self.top_level.clone()
    }

    /// `#[cfg(test)] mod tests;` in one file leaves out another file.
    fn forget_test_files(&mut self) {
        let tests = std::mem::take(&mut self.test_modules);
        let ships = |found: &Found| !tests.iter().any(|test| found.module.starts_with(test));
        for list in [&mut self.imports, &mut self.outside, &mut self.asyncs] {
            list.retain(ships);
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn modules(syntax: &syn::File, wanted: impl Fn(&syn::ItemMod) -> bool) -> Vec<String> {
    let name = |item: &syn::Item| match item {
        syn::Item::Mod(module) if wanted(module) => Some(module.ident.to_string()),
        _ => None,
    };
    syntax.items.iter().filter_map(name).collect()
}

/// The modules that a source declares, test modules too.
pub(crate) fn modules_of(source: &str) -> Vec<String> {
    modules(&syn::parse_file(source).unwrap(), |_| true)
}

/// `src/a/b.rs` → `a::b`, `src/a/mod.rs` → `a`, `src/lib.rs` and `src/main.rs` → the root.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || matches!(path, "lib" | "main") {
        module.pop();
    }
    module
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    let says_test =
        |attribute: &syn::Attribute| attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "test");
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg") && says_test(attribute))
}

struct Reader<'a> {
    file: &'a str,
    module: Vec<String>,
    house: &'a mut House,
}

impl Reader<'_> {
    fn found(&self, path: &[String], span: Span) -> Found {
        Found {
            room: self.module.first().cloned().unwrap_or_default(),
            path: path.join("::"),
            file: self.file.to_owned(),
            line: span.start().line,
            module: self.module.clone(),
        }
    }

    /// Sorts a path by where it starts: at the crate's root, at a neighbour's, or outside.
    fn name(&mut self, segments: &[String], span: Span) {
        let supers = segments.iter().take_while(|segment| *segment == "super").count();
        let from_root = match segments.first().map(String::as_str) {
            Some("crate") => segments[1..].to_vec(),
            Some("super") => {
                let parent = self.module.len().saturating_sub(supers);
                [&self.module[..parent], &segments[supers..]].concat()
            }
            Some("self" | "Self") | None => return,
            Some(_) => return self.house.outside.push(self.found(segments, span)),
        };
        if !from_root.is_empty() {
            self.house.imports.push(self.found(&from_root, span));
        }
    }

    fn tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.name(prefix, name.span()),
            syn::UseTree::Name(name) => self.name(&with(&name.ident), name.span()),
            syn::UseTree::Rename(rename) => self.name(&with(&rename.ident), rename.span()),
            syn::UseTree::Glob(glob) => self.name(&[prefix, &["*".to_owned()]].concat(), glob.span()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(prefix, item)),
        }
    }

    /// A macro's tokens have no syntax yet: every `a::b::c` in them counts as a path.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut start = Span::call_site();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(ref mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Ident(ref word) if colons == 2 && !path.is_empty() => {
                    path.push(word.to_string());
                    colons = 0;
                }
                other => {
                    self.macro_path(&std::mem::take(&mut path), start);
                    colons = 0;
                    start = other.span();
                    match other {
                        TokenTree::Ident(word) => path.push(word.to_string()),
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        _ => {}
                    }
                }
            }
        }
        self.macro_path(&path, start);
    }

    fn macro_path(&mut self, path: &[String], span: Span) {
        if path.len() > 1 {
            self.name(path, span);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        if is_test(&item.attrs) {
            self.house.test_modules.push(self.module.clone());
        } else {
            visit::visit_item_mod(self, item);
        }
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if is_test(&item.attrs) {
            return;
        }
        if self.file == "src/lib.rs" && self.module.is_empty() {
            self.house.shortcuts.push(self.found(&[], item.span()));
        }
        self.tree(&[], &item.tree);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.name(&segments, path.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.tokens(item.tokens.clone());
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(word) = signature.asyncness {
            self.house.asyncs.push(self.found(&[], word.span()));
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.house.asyncs.push(self.found(&[], block.span()));
        visit::visit_expr_async(self, block);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        if let Some(word) = closure.asyncness {
            self.house.asyncs.push(self.found(&[], word.span()));
        }
        visit::visit_expr_closure(self, closure);
    }
}
