// Rules for the page's scripts and their tests. `make test` runs them from the root of the repository:
//   tests/node/node_modules/.bin/eslint --config tests/node/eslint.config.js assets tests/node
import js from "@eslint/js";
import globals from "globals";

// Modules that need no browser; tests/node runs them.
const PURE = [
  "assets/shared/{bands,base64,clock,document,document_store,events,fillers,history,i18n,merge,messages}.js",
  "assets/shared/{review,shared_edits}.js",
  "assets/bookmarks/{bookmark_edits,merging,passages}.js",
  "assets/transcript/{edits,looper,paragraphs,quiet_places,text_size,word_times}.js",
  "assets/retiming/{retiming,words}.js",
  "assets/speakers/{relabel,speaker_edits,speakers}.js",
  "assets/translation/{sentences,stretches,translator}.js",
  "assets/timeline/{replace_span,traces}.js",
  "assets/word_table/rows.js",
  "assets/cues/cue_edits.js",
  "assets/dock/mark_paths.js",
  "assets/downloads/warnings.js",
  "assets/find/{phrases,replacing}.js",
  "assets/shared/vocabulary.js",
  "assets/player/{follow,lengths}.js",
  "assets/recent/list.js",
  "assets/live/wav.js",
];

// page/scripts.py links these forms alone.
const LINKED = [
  "ExportDefaultDeclaration",
  "ExportAllDeclaration",
  "ExportNamedDeclaration[declaration=null]",
  "ExportNamedDeclaration > VariableDeclaration[kind!='const']",
  "ImportDefaultSpecifier",
  "ImportNamespaceSpecifier",
  "Program > ExpressionStatement > AwaitExpression",
].map((selector) => ({ selector, message: "Use named imports and exports of functions, classes and constants." }));

// Text from a recording must never be read as markup.
const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({
  property,
  message: "Use textContent.",
}));

const RULES = {
  eqeqeq: "error",
  "max-len": ["error", { code: 120, ignoreUrls: true }],
  "max-lines": ["error", 300],
  "max-lines-per-function": ["error", 60],
  "no-implicit-globals": "error",
  "no-param-reassign": "error",
  "no-shadow": "error",
  "no-unused-vars": ["error", { ignoreRestSiblings: true }],
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
};

export default [
  { ignores: ["**/node_modules/**"] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules: RULES },
  {
    files: ["assets/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: { "no-restricted-syntax": ["error", ...LINKED], "no-restricted-properties": ["error", ...MARKUP] },
  },
  { files: ["assets/service_worker.js"], languageOptions: { globals: globals.serviceworker } },
  {
    files: PURE,
    languageOptions: { globals: Object.fromEntries(Object.keys(globals.browser).map((name) => [name, "off"])) },
  },
  { files: PURE, languageOptions: { globals: globals["shared-node-browser"] } },
  { files: ["tests/node/**"], languageOptions: { globals: globals.node } },
];
