import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Desk } from "./desk.ts";
import { Page } from "./page.tsx";
import type { Side } from "./phone-device.ts";

/** `?phone=left` or `right` is one phone alone: for a real one, or for a window each. */
function sidesAsked(): readonly Side[] {
  const asked = new URLSearchParams(location.search).get("phone");
  return asked === "left" || asked === "right" ? [asked] : ["left", "right"];
}

const root = document.getElementById("root");
if (root) {
  const offers = root.dataset["offers"]?.split(" ") ?? [];
  const desk = new Desk({
    url: location.origin,
    sides: sidesAsked(),
    hasTwins: offers.includes("twins"),
    hasInside: offers.includes("inside"),
  });
  createRoot(root).render(
    <StrictMode>
      <Page desk={desk} />
    </StrictMode>,
  );
  desk.open();
}
