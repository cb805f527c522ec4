//! Prints what the front end makes of a file: `cargo run -p pyexec-frontend --example dump -- file.py`.

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let mut sources = pyexec_base::SourceMap::new();
    let text = std::fs::read_to_string(&path).expect("readable");
    let file = sources.add(path, text).expect("small enough");
    let options = pyexec_frontend::Options::default();
    let shown = |errors: Vec<pyexec_base::Diagnostic>| {
        errors.iter().for_each(|e| println!("{}", e.one_line(&sources)))
    };
    match pyexec_frontend::check(&sources, file, &options) {
        Ok(module) => print!("{module}"),
        Err(errors) => return shown(errors),
    }
    match pyexec_frontend::compile(&sources, file, &options) {
        Ok(lowered) => {
            println!("\n{}", lowered.module);
            pyexec_ir::verify(&lowered.module).iter().for_each(|v| println!("VIOLATION {v}"));
        }
        Err(errors) => shown(errors),
    }
}
