import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usesOf } from "../../src/config/shell-uses.ts";

describe("usesOf", () => {
  it.each([
    { line: "/sbin/route add -host $TARGET$ reject", programs: ["route"] },
    { line: "a; b && c || d | e & f", programs: ["a", "b", "c", "d", "e", "f"] },
    { line: "X=1 nohup a", programs: ["a"] },
    { line: "if a; then b; fi", programs: ["a", "b", "fi"] },
    { line: "echo $(a) `b`", programs: ["echo", "a", "b"] },
    { line: "sudo -u bob nice -n 5 mail -s x", programs: ["sudo", "bob"] },
    { line: "timeout 5 env A=b /usr/bin/curl x", programs: ["timeout", "env", "curl"] },
    { line: "a 'b; c' \"d; e\" f\\;g", programs: ["a"] },
    { line: "# a comment\na # another; b", programs: ["a"] },
    { line: "", programs: [] },
  ])("$line starts $programs", ({ line, programs }) => {
    expect(usesOf(line).commands.map(({ program }) => program)).toEqual(programs);
  });

  it.each([
    { line: "echo x > /a/b", writes: ["/a/b"] },
    { line: "echo x >>'/a b' 2>&1", writes: ["/a b"] },
    { line: "x &> /a", writes: ["/a"] },
    { line: "tee -a /a /b < /c", writes: ["/a", "/b"] },
    { line: "cp /a /b", writes: ["/b"] },
    { line: "mv /a /b", writes: ["/a", "/b"] },
    { line: "sed -i s/x/y/ /a", writes: ["/a"] },
    { line: "sed s/x/y/ /a", writes: [] },
    { line: "dd if=/a of=/b", writes: ["/b"] },
    { line: "touch ~/a $HOME/b c", writes: ["/root/a", "/root/b"] },
  ])("$line writes $writes", ({ line, writes }) => {
    expect(usesOf(line).writes).toEqual(writes);
  });

  it.each([
    { line: "/home/a/x.sh --log=/b /c d/e < /f", reads: ["/f", "/home/a/x.sh", "/b", "/c"] },
    { line: "echo a=/b http://c/d", reads: [] },
  ])("$line reads $reads", ({ line, reads }) => {
    expect(usesOf(line).reads).toEqual(reads);
  });

  it("never fails, whatever the text", () => {
    fc.assert(fc.property(fc.string(), (text) => usesOf(text) !== undefined));
  });
});
