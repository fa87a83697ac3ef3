// Print the names of a file that TypeScript's language service shows as deprecated, and every error it finds.
const ts = require("typescript");
const fs = require("fs");

const files = process.argv.slice(2);
const options = {
  isolatedModules: true,
  strict: true,
  noEmit: true,
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  types: [],
};
const service = ts.createLanguageService({
  getScriptFileNames: () => files,
  getScriptVersion: () => "1",
  getScriptSnapshot: (file) =>
    fs.existsSync(file) ? ts.ScriptSnapshot.fromString(fs.readFileSync(file, "utf8")) : undefined,
  getCurrentDirectory: () => process.cwd(),
  getCompilationSettings: () => options,
  getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
});
for (const file of [...files, "typed.ts"]) {
  for (const found of [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)]) {
    console.log(`${file}: ${ts.flattenDiagnosticMessageText(found.messageText, "\n")}`);
  }
}
for (const file of files) {
  for (const found of service.getSuggestionDiagnostics(file)) {
    if (found.reportsDeprecated) console.log(found.file.text.slice(found.start, found.start + found.length));
  }
}
