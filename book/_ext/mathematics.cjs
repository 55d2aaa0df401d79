// Draw formulas with KaTeX: a JSON list of {tex, display} in, a list of {html} or {error} out.
const katex = require(process.argv[2]);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));

// Unicode letters such as φ are welcome in formulas: hence strict "ignore".
function draw({ tex, display }) {
  try {
    return { html: katex.renderToString(tex, { displayMode: display, strict: "ignore" }) };
  } catch (error) {
    return { error: error.message };
  }
}

process.stdout.write(JSON.stringify(formulas.map(draw)));
