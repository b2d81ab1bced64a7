import { describe, expect, it } from "vitest";
import { describeCopyright } from "../../packaging/copyright.ts";

const MIT = "MIT License\n\nCopyright (c) 2020 Somebody <a@b.example>\n\nDo as you like.\n";

function work(name: string, licenseText: string) {
  return { name, version: "1.0.0", files: [`usr/lib/${name}/*`], licenseText };
}

describe("describeCopyright", () => {
  it("gives the whole text of a licence, as DEP-5 indents it", () => {
    const text = describeCopyright([work("a", MIT)]);
    expect(text).toContain(
      "\nFiles: usr/lib/a/*\nCopyright: 2020 Somebody <a@b.example>\nLicense: a-licence\nComment: a 1.0.0\n",
    );
    expect(text).toContain(
      "\nLicense: a-licence\n MIT License\n .\n Copyright (c) 2020 Somebody <a@b.example>\n .\n Do as you like.\n",
    );
  });

  it("gives a text that two works have once", () => {
    const text = describeCopyright([work("koffi", MIT), work("@koromix/koffi-linux-x64", MIT)]);
    expect(text.match(/Do as you like/g)).toHaveLength(1);
    expect(text.match(/^License: koffi-licence$/gm)).toHaveLength(3);
  });

  it("says where the holders stand when no line names one", () => {
    expect(describeCopyright([work("a", "Take it.")])).toContain(
      "Copyright: its authors, see the text of the licence\n",
    );
  });
});
