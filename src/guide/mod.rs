//! The guide: chapters of text, built into the program. The window shows them and `ledgerline help CHAPTER` prints them.

/// A chapter: CommonMark with tables. Its first line is its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// Name of its file without the ending, as it is typed and linked.
    pub id: &'static str,
    /// The text.
    pub text: &'static str,
}

macro_rules! chapters {
    ($($id:literal),* $(,)?) => {
        /// All chapters, in the order in which they are read.
        pub static CHAPTERS: &[Chapter] = &[$(Chapter {
            id: $id,
            text: include_str!(concat!("../../assets/guide/", $id, ".md")),
        }),*];
    };
}

chapters!(
    "first-month",
    "window",
    "statements",
    "review",
    "duplicates",
    "catalog",
    "matching",
    "contracts",
    "periods",
    "payee-statements",
    "payment-files",
    "result-files",
    "bad-input",
    "errors",
    "layouts",
    "commands",
    "limits",
    "glossary",
);

/// A place in the guide that a search has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuideHit {
    /// The chapter.
    pub chapter: &'static Chapter,
    /// The nearest heading above the place.
    pub heading: &'static str,
    /// The line, as it stands in the chapter.
    pub line: &'static str,
}

impl Chapter {
    /// Its title.
    #[must_use]
    pub fn title(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }

    /// Its lines outside of code and comments, each with the heading that it stands under; headings stand under themselves.
    fn lines(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let mut heading = self.title();
        let mut is_code = false;
        self.text.lines().filter_map(move |line| {
            if line.starts_with("```") {
                is_code = !is_code;
                return None;
            }
            if !is_code && line.starts_with('#') {
                heading = line.trim_start_matches('#').trim();
            }
            let is_comment = line.starts_with("<!--");
            (!line.is_empty() && !is_comment).then_some((heading, line))
        })
    }
}

/// The chapter of a name.
#[must_use]
pub fn chapter(id: &str) -> Option<&'static Chapter> {
    CHAPTERS.iter().find(|chapter| chapter.id == id)
}

/// Places that have all words of a search, in any case: headings before other lines, otherwise in the order of the guide.
#[must_use]
pub fn find(words: &str) -> Vec<GuideHit> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let has_all = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let places = CHAPTERS.iter().flat_map(|chapter| {
        chapter.lines().map(move |(heading, line)| GuideHit {
            chapter,
            heading,
            line,
        })
    });
    let mut hits: Vec<GuideHit> = places.filter(|hit| has_all(hit.line)).collect();
    hits.sort_by_key(|hit| !hit.line.starts_with('#'));
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chapter_begins_with_its_title() {
        for chapter in CHAPTERS {
            assert!(chapter.text.starts_with("# "), "{}", chapter.id);
            assert!(!chapter.title().is_empty(), "{}", chapter.id);
        }
    }

    #[test]
    fn a_search_finds_headings_first_and_needs_all_words() {
        let hits = find("WRITING layout");
        assert!(hits[0].line.starts_with('#'), "{hits:?}");
        assert!(hits.iter().all(|hit| {
            let line = hit.line.to_lowercase();
            line.contains("writing") && line.contains("layout")
        }));
        assert!(find("writing zebra-striped").is_empty());
        assert!(find("  ").is_empty());
    }

    #[test]
    fn a_hit_names_the_heading_above_it() {
        let hit = find("stray quote costs")[0];
        assert_eq!(hit.chapter.id, "bad-input");
        assert!(hit.chapter.text.contains(&format!("# {}", hit.heading)));
    }
}
