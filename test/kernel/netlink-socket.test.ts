import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ERRNO } from "../../src/kernel/errno.ts";
import { close } from "../../src/kernel/libc.ts";
import { openNetlink, request } from "../../src/kernel/netlink-socket.ts";
import { NETLINK_SOCK_DIAG, NLM_F_ACK, NLM_F_DUMP } from "../../src/kernel/spec.ts";

const NETLINK_ROUTE = 0;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
// struct ifinfomsg: family, type, index 1 (lo), flags, change mask.
const loopback = Buffer.from(Int32Array.of(0, 1, 0, 0).buffer);
const nowhere = Buffer.from(Int32Array.of(0, 0x7fff_fff0, 0, 0).buffer);

let fd: number;
beforeEach(() => {
  fd = openNetlink(NETLINK_ROUTE);
});
afterEach(() => {
  close(fd);
});

describe("request", () => {
  it("ends with the first reply when neither a dump nor an acknowledgement is asked for", () => {
    const types: number[] = [];
    const outcome = request(fd, { type: RTM_GETLINK, body: loopback }, (type) => {
      types.push(type);
      return undefined;
    });
    expect({ outcome, types }).toEqual({ outcome: { status: "done" }, types: [RTM_NEWLINK] });
  });

  it("hands on every reply of a dump, of one link at least", () => {
    let replies = 0;
    const dump = { type: RTM_GETLINK, flags: NLM_F_DUMP, body: Buffer.alloc(16) };
    expect(
      request(fd, dump, () => {
        replies++;
        return undefined;
      }),
    ).toEqual({ status: "done" });
    expect(replies).toBeGreaterThanOrEqual(1);
  });

  it("passes over what an earlier question left behind", () => {
    // The acknowledgement that follows the reply is left in the socket by this question ...
    const question = { type: RTM_GETLINK, flags: NLM_F_ACK, body: loopback };
    expect(request(fd, question)).toEqual({ status: "done" });
    const indexes: number[] = [];
    // ... and must not be taken for the answer to the next.
    expect(
      request(fd, { type: RTM_GETLINK, body: loopback }, (_type, buffer, start) => {
        indexes.push(buffer.readInt32LE(start + 4));
        return undefined;
      }),
    ).toEqual({ status: "done" });
    expect(indexes).toEqual([1]);
  });

  it("tells the kernel's own error number", () => {
    // ENODEV: no interface has this index.
    expect(request(fd, { type: RTM_GETLINK, body: nowhere })).toEqual({
      status: "failed",
      errno: 19,
    });
  });

  it("gives up when no answer comes within the receive time-out", () => {
    const hurried = openNetlink(NETLINK_ROUTE, 1);
    // Type 3 (NLMSG_DONE) is a control message: without NLM_F_ACK the kernel says nothing to it.
    const outcome = request(hurried, { type: 3, body: Buffer.alloc(0) });
    close(hurried);
    expect(outcome).toEqual({ status: "failed", errno: ERRNO.ETIMEDOUT });
  });
});

describe("openNetlink", () => {
  it("opens the socket tables without a privilege", () => {
    const table = openNetlink(NETLINK_SOCK_DIAG);
    expect(table).toBeGreaterThan(2);
    close(table);
  });

  it("throws ERR_UNAVAILABLE for a protocol that the kernel does not have", () => {
    expect(() => openNetlink(99)).toThrow(expect.objectContaining({ code: "ERR_UNAVAILABLE" }));
  });
});
