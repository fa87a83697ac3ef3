// Run Python programs in CPython for WebAssembly, the way to a newer interpreter where none is installed.
//
//     node wasm_python.mjs PYODIDE_FOLDER TREE < programs.json > results.json
//
// Takes the folder of the npm package `pyodide`, a folder to put on sys.path, and a list of {title, options, script};
// gives {version, results: {title: "" | what went wrong}}. Programs that start processes or threads cannot run here.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, tree] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ stdout: () => {}, stderr: () => {} });
python.FS.mkdirTree("/tree");
python.FS.mount(python.FS.filesystems.NODEFS, { root: tree }, "/tree");
python.globals.set("PROGRAMS", readFileSync(0, "utf8"));
console.log(
  python.runPython(`
import json, os, platform, runpy, shutil, sys, traceback, warnings

def run(options, script):
    os.makedirs("/run", exist_ok=True)
    os.chdir("/run")
    shutil.copy("/tree/money.pickle", "/run")
    with open("script.py", "w") as file:
        file.write(script)
    sys.path[:0] = ["/run", "/tree/after"]
    before = set(sys.modules)
    try:
        with warnings.catch_warnings():
            warnings.resetwarnings()
            if "error" in options:
                warnings.simplefilter("error")
            runpy.run_path("script.py", run_name="__main__")
        return ""
    except SystemExit as leaving:
        return str(leaving.code or "")
    except BaseException:
        return traceback.format_exc()
    finally:
        sys.settrace(None)
        del sys.path[:2]
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in ("shop", "promise", "one", "two"):
                del sys.modules[name]

results = {each["title"]: run(each["options"], each["script"]) for each in json.loads(PROGRAMS)}
json.dumps({"version": platform.python_version(), "results": results})
`),
);
