// The only file that knows Socket.IO. Without the library, or without a way to the server, it stays silent: pages poll.
const has = (name) => (document.documentElement.dataset.libraries || "").split(" ").includes(name);

export async function listen({ topics, changed, up, down }) {
  if (!has("socket")) return null;
  const { io } = await import("../../vendor/socket.io.js");
  const socket = io({ transports: ["websocket"], reconnectionDelayMax: 10000 });
  let asked = ""; // saying the same again after every refresh would soon be more than one person may say in a minute
  const watch = () => {
    const wanted = topics();
    if (!socket.connected || wanted.join(" ") === asked) return;
    asked = wanted.join(" ");
    socket.emit("watch", { topics: wanted }, () => {});
  };
  socket.on("connect", () => {
    asked = "";
    watch();
    up();
  });
  socket.on("disconnect", down);
  socket.on("connect_error", down);
  socket.on("changed", changed);
  return { watch, revive: () => socket.connected || socket.connect() };
}
