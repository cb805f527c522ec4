//! Prints what the front end makes of a file: `cargo run -p pyexec-frontend --example dump -- file.py`.

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let mut sources = pyexec_base::SourceMap::new();
    let text = std::fs::read_to_string(&path).expect("readable");
    let file = sources.add(path, text).expect("small enough");
    match pyexec_frontend::check(&sources, file, &pyexec_frontend::Options::default()) {
        Ok(module) => print!("{module}"),
        Err(errors) => errors.iter().for_each(|e| println!("{}", e.one_line(&sources))),
    }
}
