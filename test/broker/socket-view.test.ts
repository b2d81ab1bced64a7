import { describe, expect, it } from "vitest";
import { SocketView } from "../../src/broker/socket-view.ts";
import { connection, FakeSockets, listener } from "./fake-sockets.ts";
import { FakeClock } from "./fakes.ts";

describe("SocketView", () => {
  it("lists once for all who ask within a second, listeners and connections apart", () => {
    const clock = new FakeClock();
    const sockets = new FakeSockets();
    const view = new SocketView(sockets, clock);
    for (const ms of [0, 999]) {
      clock.advance(ms);
      view.listening();
      view.connections();
    }
    expect(sockets.dumps).toBe(2);
    clock.advance(1);
    sockets.listeners = [listener()];
    sockets.connected = [connection(), connection({ state: "time-wait" })];
    expect(view.listening()).toHaveLength(1);
    expect(view.connections()).toHaveLength(1);
  });
});
