// The only file that knows Socket.IO. Without the library, or without a way to the server, it stays silent: pages poll.
const has = (name) => (document.documentElement.dataset.libraries || "").split(" ").includes(name);

// `joined(names)` is called when the server has said that changes of these topics are heard from now on: what changed
// while it was being asked was told to nobody here, so whatever shows them is to be read again.
export async function listen({ topics, changed, joined, up = () => {}, down = () => {} }) {
  if (!has("socket")) return null;
  const { io } = await import("../../vendor/socket.io.js");
  const socket = io({ transports: ["websocket"], reconnectionDelayMax: 10000 });
  let asked = []; // saying the same again after every refresh would soon be more than one person may say in a minute
  const watch = () => {
    const wanted = topics();
    if (!socket.connected || wanted.join(" ") === asked.join(" ")) return;
    const fresh = wanted.filter((topic) => !asked.includes(topic));
    asked = wanted;
    socket.emit("watch", { topics: wanted }, () => joined(fresh));
  };
  socket.on("connect", () => {
    asked = [];
    watch();
    up();
  });
  socket.on("disconnect", down);
  socket.on("connect_error", down);
  socket.on("changed", changed);
  return { watch, revive: () => socket.connected || socket.connect() };
}
