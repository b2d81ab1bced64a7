/**
 * Folders meet in model/ and are joined in daemon/; docs/ARCHITECTURE.md explains the table.
 *
 * Imports are read from the text, type-only ones included, in the forms that this code base writes:
 * static ones begin a line, and every path is a literal.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Folder -> what it may import, beside its own files and those directly in src/.
 *
 * "net": any file of that folder. "api/contract.ts": that file. "options.ts": the file of that name
 * in any folder. "types of journal": types alone, of a folder or a file. "everything": any folder.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  net: [],
  packet: ["net"],
  model: ["net"],
  kernel: ["net"],
  sensors: ["net", "packet", "model", "kernel"],
  proof: ["net", "packet", "model", "kernel"],
  replay: ["net", "packet", "model", "kernel", "sensors"],
  detectors: ["net", "model"],
  policy: ["net", "model"],
  broker: ["net", "model", "kernel"],
  responders: ["net", "model", "broker"],
  journal: ["net", "model"],
  fleet: ["net", "model"],
  health: ["model"],
  metrics: ["model"],
  alerts: ["net", "model"],
  api: ["net", "model", "types of journal", "types of health"],
  dashboard: ["types of api/contract.ts"],
  config: ["net", "options.ts"],
  cli: ["net", "config", "api/contract.ts", "types of api"],
  daemon: ["everything"],
};

/** The commands that need the daemon: one file each, by `import()`, so that no other loads it. */
const MAY_IMPORT_DAEMON: Readonly<Record<string, string>> = {
  "src/cli/commands/guard.ts": "src/daemon/launch.ts",
  "src/cli/commands/replay.ts": "src/daemon/replay/answer-replay.ts",
  "src/cli/commands/doctor.ts": "src/daemon/doctor/answer-doctor.ts",
  "src/cli/commands/selftest.ts": "src/daemon/selftest/answer-selftest.ts",
  "src/cli/replay-text.ts": "src/daemon/replay/answer-replay.ts",
  "src/cli/config/check.ts": "src/daemon/survey-blocklists.ts",
  "src/cli/config/survey.ts": "src/daemon/survey-files.ts",
  "src/cli/operator.ts": "src/daemon/offline.ts",
  "src/cli/portsentry/launch-request.ts": "src/daemon/shared-guard.ts",
};

/** Where the outside world is touched. Files directly in src/ are not among them. */
const FOLDERS_WITH_IO = [
  "sensors",
  "responders",
  "broker",
  "kernel",
  "journal",
  "fleet",
  "alerts",
  "config",
  "api",
  "cli",
  "daemon",
];

const IO_MODULE =
  /^node:(?:fs|net|tls|dgram|http|https|http2|child_process|dns|sqlite|cluster|worker_threads)\b/;

type ImportForm = "value" | "type" | "lazy";

interface Import {
  readonly specifier: string;
  readonly form: ImportForm;
}

/** An import of another file of ours, by its path from the root of the repository. */
interface Edge {
  readonly file: string;
  readonly imports: string;
  readonly form: ImportForm;
}

const FILES = globSync("src/**/*.{ts,tsx}").map(normalize).sort();

/** "src/net/prefix.ts" -> "net"; "src/clock.ts" -> undefined. */
function folderOf(file: string): string | undefined {
  const parts = file.split("/");
  return parts.length > 2 ? parts[1] : undefined;
}

function importsIn(text: string): Import[] {
  const statics = text.matchAll(
    /^(?:import|export)\s+(?<type>type\s)?(?:(?<names>[^"';]*?)\s*\bfrom\s+)?"(?<specifier>[^"]+)"/gm,
  );
  const dynamics = text.matchAll(/(?<type>\btypeof\s+)?\bimport\(\s*"(?<specifier>[^"]+)"\s*\)/g);
  return [
    ...[...statics].map(({ groups }): Import => {
      const isType = groups?.["type"] !== undefined || namesTypesOnly(groups?.["names"] ?? "");
      return { specifier: groups?.["specifier"] ?? "", form: isType ? "type" : "value" };
    }),
    ...[...dynamics].map(
      ({ groups }): Import => ({
        specifier: groups?.["specifier"] ?? "",
        form: groups?.["type"] === undefined ? "lazy" : "type",
      }),
    ),
  ];
}

/** "{ type A, type B }" is one; "{ type A, b }" is none. */
function namesTypesOnly(names: string): boolean {
  const listed = /^\{(?<list>[^}]*)\}$/.exec(names.trim())?.groups?.["list"];
  const each = (listed ?? "").split(",").map((name) => name.trim());
  return each.some(Boolean) && each.every((name) => name === "" || name.startsWith("type "));
}

/** Imports of `file` that reach another folder of ours. */
function edgesOf(file: string): Edge[] {
  return importsIn(readFileSync(file, "utf8"))
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier, form }) => ({ file, form, imports: join(dirname(file), specifier) }))
    .filter(({ imports }) => {
      const target = folderOf(imports);
      return target !== undefined && target !== folderOf(file);
    });
}

function isAllowed({ file, imports, form }: Edge): boolean {
  const target = folderOf(imports) ?? "";
  if (MAY_IMPORT_DAEMON[file] === imports) return form !== "value";
  return (MAY_IMPORT[folderOf(file) ?? ""] ?? []).some(
    (allowed) =>
      allowed === "everything" ||
      allowed === target ||
      `src/${allowed}` === imports ||
      (allowed === "options.ts" && basename(imports) === allowed) ||
      ([`types of ${target}`, `types of ${imports.slice("src/".length)}`].includes(allowed) &&
        form === "type"),
  );
}

/** The rows of the import table in docs/ARCHITECTURE.md: "| net | - |". */
function documentedTable(): Record<string, string[]> {
  const text = readFileSync("docs/ARCHITECTURE.md", "utf8");
  const section = /^## Who may import whom$(?<body>.*?)^## /ms.exec(text)?.groups?.["body"] ?? "";
  const rows = section.matchAll(/^\| (?<folder>[a-z]+) \| (?<allowed>.+) \|$/gm);
  return Object.fromEntries(
    [...rows]
      .filter(({ groups }) => groups?.["folder"] !== "folder")
      .map(({ groups }) => {
        const allowed = (groups?.["allowed"] ?? "").replaceAll("`", "");
        return [groups?.["folder"] ?? "", allowed === "-" ? [] : allowed.split(", ")];
      }),
  );
}

describe("importsIn", () => {
  it.each<{ text: string; found: Import[] }>([
    { text: 'import { a } from "./a.ts";', found: [{ specifier: "./a.ts", form: "value" }] },
    { text: 'import type { A } from "./a.ts";', found: [{ specifier: "./a.ts", form: "type" }] },
    { text: 'import { type A } from "./a.ts";', found: [{ specifier: "./a.ts", form: "type" }] },
    {
      text: 'import { type A, b } from "./a.ts";',
      found: [{ specifier: "./a.ts", form: "value" }],
    },
    {
      text: 'import {\n  a,\n  b,\n} from "./a.ts";',
      found: [{ specifier: "./a.ts", form: "value" }],
    },
    { text: 'import * as a from "./a.ts";', found: [{ specifier: "./a.ts", form: "value" }] },
    { text: 'import "./a.ts";', found: [{ specifier: "./a.ts", form: "value" }] },
    { text: 'export { a } from "./a.ts";', found: [{ specifier: "./a.ts", form: "value" }] },
    { text: 'export type { A } from "a";', found: [{ specifier: "a", form: "type" }] },
    { text: '  await import("./a.ts");', found: [{ specifier: "./a.ts", form: "lazy" }] },
    { text: 'type A = typeof import("a");', found: [{ specifier: "a", form: "type" }] },
    { text: 'export const a = "./a.ts";', found: [] },
    { text: ' * import { a } from "./a.ts";', found: [] },
  ])("finds the imports of $text", ({ text, found }) => {
    expect(importsIn(text)).toEqual(found);
  });
});

describe("folders", () => {
  it("are those of the table, no more and no fewer", () => {
    const folders = new Set(FILES.map(folderOf).filter((folder) => folder !== undefined));
    expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it.each(Object.entries(MAY_IMPORT))("%s imports only from [%s]", (folder) => {
    const files = FILES.filter((file) => folderOf(file) === folder);
    expect(files.flatMap(edgesOf).filter((edge) => !isAllowed(edge))).toEqual([]);
  });

  it("have the same table in docs/ARCHITECTURE.md", () => {
    expect(documentedTable()).toEqual(MAY_IMPORT);
  });
});

describe("files directly in src", () => {
  it("import only each other and values of net", () => {
    const edges = FILES.filter((file) => folderOf(file) === undefined).flatMap(edgesOf);
    expect(edges.filter(({ imports }) => folderOf(imports) !== "net")).toEqual([]);
  });
});

describe("the outside world", () => {
  const found = FILES.map((file) => ({ file, imports: importsIn(readFileSync(file, "utf8")) }));

  it("is touched through node: modules only in the folders that may", () => {
    const guilty = found.filter(
      ({ file, imports }) =>
        !FOLDERS_WITH_IO.includes(folderOf(file) ?? "") &&
        // It reads package.json, once, at start.
        file !== "src/version.ts" &&
        imports.some(({ specifier }) => IO_MODULE.test(specifier)),
    );
    expect(guilty.map(({ file }) => file)).toEqual([]);
  });

  it("is never imported without the node: prefix, which would hide it from these tests", () => {
    const bare = /^(?:fs|net|tls|dgram|https?|http2|child_process|dns|sqlite)(?:\/|$)/;
    const guilty = found.filter(({ imports }) =>
      imports.some(({ specifier }) => bare.test(specifier)),
    );
    expect(guilty.map(({ file }) => file)).toEqual([]);
  });

  it("is reached through FFI only in kernel", () => {
    const users = FILES.filter((file) => /^(?!\s*\*).*"koffi"/m.test(readFileSync(file, "utf8")));
    expect(users.filter((file) => folderOf(file) !== "kernel")).toEqual([]);
    expect(users).not.toEqual([]);
  });

  it("hears nothing through console: lines go through the logger, and are escaped there", () => {
    const code = /^(?!\s*(?:\*|\/\*|\/\/)).*\bconsole\s*\./m;
    expect(FILES.filter((file) => code.test(readFileSync(file, "utf8")))).toEqual([]);
  });
});
