// Who else has this order open: asking again says that we still have. A page in the background has nobody looking.
import { refresh } from "./live.js";

const EVERY = 20000;

export default (region) => {
  const timer = setInterval(() => {
    if (!region.isConnected) clearInterval(timer);
    else if (!document.hidden) refresh(region);
  }, EVERY);
};
