/**
 * The Debian package, installed into a Debian of its own: fresh, over PortSentry, upgraded, removed.
 *
 * Needs debootstrap and a mirror. VEDETTE_DEBIAN_BASE names a base that an earlier run has made (a
 * directory that does not exist yet is made, and kept).
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DebianRoot, makeDebianBase } from "../support/debian-root.ts";
import { describeLive } from "../support/live.ts";

const FIRST = "/packages/vedette_0.1.0-1_amd64.deb";
const SECOND = "/packages/vedette_0.1.0-2_amd64.deb";

const INSTALL = "apt-get install -q -y --no-install-recommends";

/** Waits for what a command prints; there is no other way to see a guard from within a shell. */
const UNTIL = `until_prints() {
  tries=0
  until sh -c "$1" 2> /dev/null | grep -q "$2"; do
    tries=$((tries + 1)); [ $tries -lt 300 ] || { echo "never: $1: $2"; exit 1; }
    sleep 0.2
  done
}
`;

/** A package of the next revision, in which the configuration file is another one, too. */
function packNextRevision(folder: string): void {
  const tree = join(folder, "next");
  execFileSync("dpkg-deb", ["-R", join(folder, "vedette_0.1.0-1_amd64.deb"), tree]);
  const control = join(tree, "DEBIAN/control");
  writeFileSync(control, readFileSync(control, "utf8").replace("0.1.0-1", "0.1.0-2"));
  appendFileSync(join(tree, "etc/vedette/vedette.conf"), "\n# A new key.\n");
  const target = join(folder, "vedette_0.1.0-2_amd64.deb");
  execFileSync("dpkg-deb", ["--root-owner-group", "-Znone", "--build", tree, target]);
}

describeLive("the Debian package", ["debootstrap", "dpkg-deb", "unshare"], () => {
  let folder: string;
  let base: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vedette-packages-"));
    base = process.env["VEDETTE_DEBIAN_BASE"] ?? join(folder, "base");
    if (!existsSync(base)) makeDebianBase(base);
    const options = ["--only", "amd64", "--compression", "none", "--out", folder];
    execFileSync(process.execPath, ["packaging/package.ts", ...options]);
    packNextRevision(folder);
  }, 1_800_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("installs without a network, makes the user, and guards", () => {
    using debian = new DebianRoot(base, folder);
    const said = debian.run(`${UNTIL}
      ${INSTALL} ${FIRST} nftables > /dev/null
      id -nG vedette
      readlink /etc/systemd/system/multi-user.target.wants/vedette.service
      vedette --version
      dpkg --verify vedette
      vedette guard > /guard.log 2>&1 &
      until_prints "cat /guard.log" "guarding: ready"
      ps -o user= -C node | sort -u
      vedette ban 192.0.2.7 --for 1h
      nft list set inet vedette banned4 | grep -o "192.0.2.7"
      kill $! && wait || true`);
    expect(said).toContain("vedette\n/lib/systemd/system/vedette.service\n0.1.0\n");
    expect(said).toContain("192.0.2.7 is banned");
    expect(said).toMatch(/\n192\.0\.2\.7\n/);
  });

  it("takes the place of a configured portsentry: it ends, its files stay, nothing else begins", () => {
    using debian = new DebianRoot(base, folder);
    const before = debian.run(`${UNTIL}
      ${INSTALL} portsentry > /dev/null
      until_prints "pidof portsentry" "[0-9]"
      sed -i 's/^SCAN_TRIGGER=.*/SCAN_TRIGGER="3"/' /etc/portsentry/portsentry.conf
      echo "192.0.2.10" >> /etc/portsentry/portsentry.ignore.static
      md5sum /etc/portsentry/* /etc/default/portsentry > /sums
      ${INSTALL} ${FIRST}
      until_prints "pidof portsentry || echo ended" "ended"`);
    expect(before).toMatch(/^vedette: {3}vedette config import$/m);

    expect(debian.run("md5sum -c --quiet /sums; dpkg -l portsentry | grep -o '^rc'")).toBe("rc\n");
    expect(debian.run("ls /etc/systemd/system/multi-user.target.wants")).not.toContain("vedette");
    // The commands that it told of, and the next version, which must not enable anything either.
    const after = debian.run(`
      mv /etc/vedette/vedette.conf /etc/vedette/vedette.conf.dist
      vedette config import > /dev/null
      vedette config check
      grep -c 192.0.2.10 /etc/vedette/vedette.ignore
      /etc/init.d/portsentry start
      ${INSTALL} ${SECOND} -o Dpkg::Options::=--force-confold > /dev/null
      ls /etc/systemd/system/multi-user.target.wants | grep -c vedette || true
      pidof portsentry || echo none
      dpkg --purge portsentry > /dev/null
      portsentry --version > /dev/null && ls /etc/vedette`);
    expect(after).toContain("/etc/vedette/vedette.conf: no faults");
    expect(after).toMatch(/\n1\n(?:debconf: .*\n)?0\nnone\n/);
    expect(after).toContain("vedette.ignore");
  });

  it("keeps a changed configuration when it is upgraded", () => {
    using debian = new DebianRoot(base, folder);
    debian.run(`${INSTALL} ${FIRST}; echo 'BAN_TIME_CLAIMED="2m"' >> /etc/vedette/vedette.conf`);
    const said = debian.run(`
      ${INSTALL} ${SECOND} -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold
      dpkg-query -W vedette
      tail -n 1 /etc/vedette/vedette.conf
      ls /etc/vedette
      readlink /etc/systemd/system/multi-user.target.wants/vedette.service`);
    expect(said).toContain(
      'vedette\t0.1.0-2\nBAN_TIME_CLAIMED="2m"\nvedette.conf\nvedette.conf.dpkg-dist\n',
    );
    expect(said).toMatch(/\/lib\/systemd\/system\/vedette\.service\n$/);
  });

  it("takes its table along when it is removed, and its state when it is purged", () => {
    using debian = new DebianRoot(base, folder);
    const removed = debian.run(`${UNTIL}
      ${INSTALL} ${FIRST} nftables > /dev/null
      echo 198.51.100.9 > /etc/vedette/vedette.ignore
      vedette guard > /guard.log 2>&1 &
      until_prints "cat /guard.log" "guarding: ready"
      vedette ban 192.0.2.7 --for 1h
      vedette trust 192.0.2.9
      kill $!; wait || true
      nft list tables
      apt-get remove -q -y vedette > /dev/null
      echo "tables: $(nft list tables)"
      ls /etc/vedette /var/lib/vedette /var/lib/vedette/journal
      id -u vedette > /dev/null
      echo mine > /var/lib/vedette/notes.txt`);
    expect(removed).toContain("table inet vedette\ntables: \n");
    for (const name of ["vedette.conf", "vedette.ignore", "trusted", "journal.sqlite"]) {
      expect(removed).toMatch(new RegExp(`^${name}$`, "m"));
    }

    const again = debian.run(`${UNTIL}
      ${INSTALL} ${FIRST} > /dev/null
      vedette guard > /guard.log 2>&1 &
      until_prints "vedette bans" "192.0.2.7"
      kill $!; wait || true`);
    expect(again).not.toContain("never");

    const purged = debian.run(`
      apt-get purge -q -y vedette > /dev/null
      find /etc/vedette /var/lib/vedette -type f
      id vedette || getent group vedette || echo nobody
      find /etc/systemd /var/lib/systemd -name 'vedette*' -o -name 'portsentry*'
      find /usr/lib/vedette /usr/lib/portsentry || true`);
    expect(purged).toMatch(
      /^\/etc\/vedette\/vedette\.ignore\n\/var\/lib\/vedette\/notes\.txt\nid: .*\nnobody\n(?:find: .*\n)*$/,
    );
  });
});
