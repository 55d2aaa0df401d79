// The rules for the book's own JavaScript.
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["book/_live/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines": ["error", 400],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["tests/live/**/*.js"], languageOptions: { globals: globals.node } },
];
