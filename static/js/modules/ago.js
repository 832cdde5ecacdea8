// Keeps "5 分钟前" true while the page stays open; anything older than a day is left as the server wrote it.
import { word } from "./words.js";

export default (time) => {
  const tick = () => {
    if (!time.isConnected) return clearInterval(timer);
    const minutes = Math.floor((Date.now() - new Date(time.dateTime)) / 60000);
    if (minutes < 0 || minutes >= 1440) return;
    const text = minutes < 1 ? word("just") : minutes < 60 ? word("minutes_ago", { n: minutes }) : word("hours_ago", { n: Math.floor(minutes / 60) });
    if (time.textContent !== text) time.textContent = text;
  };
  const timer = setInterval(tick, 30000);
  return tick;
};
