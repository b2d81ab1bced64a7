import { describe, expect, it } from "vitest";
import { ServiceUnit } from "../../src/config/service-unit.ts";

describe("ServiceUnit", () => {
  it("reads [Service] alone, without comments, and joins lines after a backslash", () => {
    const unit = new ServiceUnit([
      "[Unit]\nProtectHome=yes\n[Service]\n# ProtectSystem=full\nReadWritePaths=/a \\\n  /b\n" +
        "Restart = always\n[Install]\nPrivateTmp=yes\n",
    ]);
    expect(unit.last("ProtectHome")).toBeUndefined();
    expect(unit.last("ProtectSystem")).toBeUndefined();
    expect(unit.last("PrivateTmp")).toBeUndefined();
    expect(unit.words("ReadWritePaths")).toEqual(["/a", "/b"]);
    expect(unit.last("Restart")).toBe("always");
  });

  it("adds what drop-ins say, and forgets what came before an empty value", () => {
    const unit = new ServiceUnit([
      "[Service]\nReadWritePaths=/a\nProtectHome=yes\nProtectHome=no\n",
      "[Service]\nReadWritePaths=/b\nProtectHome=\n",
      "[Service]\nReadWritePaths=\nReadWritePaths=/c\n",
    ]);
    expect(unit.words("ReadWritePaths")).toEqual(["/c"]);
    expect(unit.last("ProtectHome")).toBeUndefined();
  });

  it.each([
    { value: "yes", isOn: true },
    { value: "True", isOn: true },
    { value: "1", isOn: true },
    { value: "no", isOn: false },
    { value: "read-only", isOn: false },
    { value: "", isOn: false },
  ])("takes $value for $isOn", ({ value, isOn }) => {
    expect(new ServiceUnit([`[Service]\nProtectHome=${value}\n`]).isOn("ProtectHome")).toBe(isOn);
  });

  const GROUPS: Readonly<Record<string, readonly string[]>> = { "@all": ["one", "two"] };
  it.each([
    { values: [], lets: true },
    { values: ["one two"], lets: true },
    { values: ["two"], lets: false },
    { values: ["~one"], lets: false },
    { values: ["~two"], lets: true },
    { values: ["@all"], lets: true },
    { values: ["@all", "~one two"], lets: false },
    { values: ["@all", "~@all", "one"], lets: true },
    { values: ["~@all", "one"], lets: true },
    { values: ["two", "", "one"], lets: true },
    { values: ["two", ""], lets: true },
  ])("of the set $values lets one in: $lets", ({ values, lets }) => {
    const lines = values.map((value) => `Set=${value}\n`).join("");
    const unit = new ServiceUnit([`[Service]\n${lines}`]);
    expect(unit.lets("Set", "one", (group) => GROUPS[group] ?? [])).toBe(lets);
  });
});
