import { describe, expect, it } from "vitest";
import { ignoreFilePlaces } from "../../src/daemon/trust-sources.ts";

const DEBIAN = "/etc/portsentry/portsentry.ignore";

function required(path: string | undefined, isNamed: boolean, present: readonly string[] = []) {
  return ignoreFilePlaces({ path, isNamed }, (file) => present.includes(file))
    .filter((place) => place.isRequired)
    .map((place) => place.path);
}

function paths(path: string | undefined): readonly string[] {
  return ignoreFilePlaces({ path, isNamed: true }, () => false).map((place) => place.path);
}

describe("the ignore lists", () => {
  it("are PortSentry's own two where none is named", () => {
    expect(paths(undefined)).toEqual([DEBIAN, `${DEBIAN}.static`]);
  });

  it("are the named one, the static one beside it and PortSentry's own", () => {
    expect(paths("/srv/ignore")).toEqual([
      "/srv/ignore",
      "/srv/ignore.static",
      DEBIAN,
      `${DEBIAN}.static`,
    ]);
  });

  it("are read once when PortSentry's own is named", () => {
    expect(paths(DEBIAN)).toEqual([DEBIAN, `${DEBIAN}.static`]);
  });

  it("must be there when somebody has named them", () => {
    expect(required("/srv/ignore", true)).toEqual(["/srv/ignore"]);
  });

  it("may be missing when nobody has named them", () => {
    expect(required("/srv/ignore", false)).toEqual([]);
  });

  it("may be missing when the static list they were made of is there", () => {
    expect(required("/srv/ignore", true, ["/srv/ignore.static"])).toEqual([]);
  });
});
