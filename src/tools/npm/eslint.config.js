// ESLint's rules for the page's script, which is linted joined: its parts share one scope.
const js = require("@eslint/js");

const BROWSER = "Blob DecompressionStream IntersectionObserver ResizeObserver Response " +
  "TextDecoder URL URLSearchParams addEventListener atob cancelAnimationFrame " +
  "devicePixelRatio document getComputedStyle getSelection history innerHeight innerWidth " +
  "localStorage location matchMedia navigator performance requestAnimationFrame setTimeout";

module.exports = [js.configs.recommended, {
  languageOptions: {
    ecmaVersion: 2023, sourceType: "script",
    globals: Object.fromEntries(BROWSER.split(" ").map(name => [name, "readonly"])),
  },
  rules: {
    "eqeqeq": ["error", "always", { null: "ignore" }], "no-shadow": "error",
    "no-unused-vars": "error", "no-var": "error", "prefer-const": "error",
    "max-len": ["error", { code: 100, }],
  },
}];
