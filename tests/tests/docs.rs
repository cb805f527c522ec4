//! Documents are tests: commands in the README run, paths named in documents exist.

use pyexec_tests::{pyexec_cg, root, run};

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The text between fences of this language.
fn fenced<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let open = format!("```{language}\n");
    text.split(&open as &str).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_readmes_program_runs() {
    let readme = read("README.md");
    let program = fenced(&readme, "python").concat();
    let file = std::env::temp_dir().join(format!("pyexec-readme-{}.py", std::process::id()));
    std::fs::write(&file, program).expect("a scratch file");
    let ran = run(pyexec_cg(), ["run".as_ref(), file.as_os_str()], b"").expect("the compiler starts");
    let _ = std::fs::remove_file(&file);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "21\n"), "{}", ran.stderr);
}

#[test]
fn the_readmes_commands_run() {
    let readme = read("README.md");
    let commands = fenced(&readme, "sh").concat();
    let mut tried = 0;
    let scratch = std::env::temp_dir().join(format!("pyexec-readme-out-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a scratch folder");
    for line in commands.lines() {
        let command = line.split('#').next().unwrap_or("").trim();
        let Some(args) =
            command.strip_prefix("pyexec-cg ").or(command.strip_prefix("cargo run --release -- "))
        else {
            continue;
        };
        let mut args: Vec<&str> = args.split_whitespace().collect();
        let out = scratch.join("out.o");
        if args[0] == "build" {
            args.extend(["-o", out.to_str().expect("UTF-8 path")]);
        }
        let ran = run(pyexec_cg(), &args, b"").expect("the compiler starts");
        assert_eq!(ran.status, Some(0), "{command}: {}", ran.stderr);
        tried += 1;
    }
    let _ = std::fs::remove_dir_all(&scratch);
    assert!(tried >= 5, "only {tried} commands found");
}

#[test]
fn generated_pages_are_up_to_date() {
    for (list, page) in [("constructs", "docs/constructs.md"), ("opcodes", "docs/opcodes.md")] {
        let ran = run(pyexec_cg(), ["--list", list], b"").expect("the compiler starts");
        let help = format!("regenerate it: cargo run --release -- --list {list} > {page}");
        assert!(ran.stdout.trim_end() == read(page).trim_end(), "{page} is not up to date; {help}");
    }
}

#[test]
fn paths_named_in_documents_exist() {
    for document in
        ["README.md", "ARCHITECTURE.md", "docs/add-opcode.md", "docs/add-target.md", "docs/add-construct.md"]
    {
        let text = read(document);
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path =
                quoted.contains('/') && quoted.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
            let fenced = quoted.contains('\n') || quoted.contains(' ');
            if is_path && !fenced {
                assert!(root().join(quoted).exists(), "{document} names {quoted}, which is not there");
            }
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(root().join(link).exists(), "{document} links to {link}, which is not there");
        }
    }
}
