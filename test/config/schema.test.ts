import { describe, expect, it } from "vitest";
import { CONFIG_KEYS, CONFIG_SECTIONS, isKeyName, KEY_NAMES } from "../../src/config/schema.ts";

describe("CONFIG_KEYS", () => {
  it.each(KEY_NAMES)("%s has defaults that fit, and is described", (name) => {
    const key = CONFIG_KEYS[name];
    expect(key.parse(key.defaults.vedette).status).toBe("ok");
    expect(key.parse(key.defaults.portsentry).status).toBe("ok");
    expect(key.about).toMatch(/\.$/);
    expect(key.expects).not.toBe("");
  });

  it("holds every key of every section once", () => {
    const listed = CONFIG_SECTIONS.flatMap((section) => Object.keys(section.keys));
    expect(listed).toEqual([...KEY_NAMES]);
    expect(new Set(listed).size).toBe(listed.length);
  });
});

describe("isKeyName", () => {
  it("knows keys, and not what every object has", () => {
    expect(isKeyName("HOLD_TIME")).toBe(true);
    expect(isKeyName("constructor")).toBe(false);
  });
});
