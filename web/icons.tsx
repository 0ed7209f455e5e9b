import type { ReactElement } from "react";

const PATHS = {
  ask: "M4 4.5h12v9H9.6L6.2 16.6v-3.1H4z M8.4 7.9a1.65 1.65 0 1 1 2.4 1.4c-.5.3-.8.6-.8 1 M10 11.8h.1",
  attach: "M15.6 9.3l-6 6a3.6 3.6 0 0 1-5.1-5.1l6.4-6.4a2.4 2.4 0 0 1 3.4 3.4l-6.2 6.2a1.2 1.2 0 0 1-1.7-1.7l5.4-5.4",
  back: "M12 4l-6 6 6 6",
  bolt: "M11 2.8L4.8 11.4h4.6l-.8 5.8 6.4-9h-4.8z",
  bulb: "M7.6 13.2a4.7 4.7 0 1 1 4.8 0v1.6H7.6z M8.4 17.2h3.2",
  chevron: "M5 8l5 5 5-5",
  clock: "M10 5.5V10l2.6 1.8 M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15z",
  close: "M5 5l10 10 M15 5L5 15",
  copy: "M7.5 7.5h9v9h-9z M12.5 7.5v-4h-9v9h4",
  down: "M10 4v11 M5 10.5l5 5 5-5",
  edit: "M4 16l.8-3.4L13.4 4l2.6 2.6-8.6 8.6z M11.6 5.8l2.6 2.6",
  eyeOff: "M3 10s2.6-4.5 7-4.5S17 10 17 10s-2.6 4.5-7 4.5S3 10 3 10z M4 16L16 4",
  felt: "M7.4 6.1a3.9 3.9 0 1 0 0 7.8 3.9 3.9 0 0 0 0-7.8z M12.6 6.1a3.9 3.9 0 1 1 0 7.8 3.9 3.9 0 0 1 0-7.8z",
  heart: "M10 16.2S3.4 12.4 3.4 7.9A3.5 3.5 0 0 1 10 6a3.5 3.5 0 0 1 6.6 1.9c0 4.5-6.6 8.3-6.6 8.3z",
  help: "M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4z M10 7.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z M5 5l3 3 M15 5l-3 3 M5 15l3-3 M15 15l-3-3",
  mic: "M10 2.8a2.6 2.6 0 0 1 2.6 2.6v4.2a2.6 2.6 0 0 1-5.2 0V5.4A2.6 2.6 0 0 1 10 2.8z M5 9.4a5 5 0 0 0 10 0 M10 14.4v2.9",
  moon: "M16 12.2A6.8 6.8 0 0 1 7.8 4 6.8 6.8 0 1 0 16 12.2z",
  more: "M4.6 10h.1 M10 10h.1 M15.4 10h.1",
  pause: "M7.2 5v10 M12.8 5v10",
  phone: "M6 2.5h8a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1z M9 15h2",
  pin: "M12.2 3l4.8 4.8-3 .7-2.6 2.6-.4 3.6L5.3 9l3.6-.4L11.5 6z M7.9 12.1L3.5 16.5",
  play: "M7 4.6l8.4 5.4L7 15.4z",
  plug: "M7 2.5v4 M13 2.5v4 M5 6.5h10v2.8a5 5 0 0 1-10 0z M10 14.3v3.2",
  pulse: "M2.5 10.5h3.7l2.2-6 3.2 11 2.2-5h3.7",
  reply: "M8.5 5L3.5 10l5 5 M3.5 10h7.5a5.5 5.5 0 0 1 5.5 5.5",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z M13 13l4 4",
  send: "M10 16V4.5 M4.8 9.7L10 4.5l5.2 5.2",
  stop: "M6 6h8v8H6z",
  sun: "M10 6.8a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4z M10 2v1.8 M10 16.2V18 M2 10h1.8 M16.2 10H18 M4.3 4.3l1.3 1.3 M14.4 14.4l1.3 1.3 M15.7 4.3l-1.3 1.3 M5.6 14.4l-1.3 1.3",
  tablet: "M4.5 3.5h11a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1z M9 14h2",
  think: "M6.5 12.5a3.6 3.6 0 0 1 .3-7.1 4.3 4.3 0 0 1 7.9 1.2 3 3 0 0 1-.6 5.9z M7 15.4h.1 M4.8 17.2h.1",
  trash: "M4 5.5h12 M8 5.5V3.5h4v2 M5.5 5.5l.7 11h7.6l.7-11",
  unplugged: "M7 2.5v4 M13 2.5v4 M5 6.5h10v2.8a5 5 0 0 1-10 0z M10 14.3v3.2 M3 3l14 14",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration only: whatever it stands in says in words what it is. */
export const Icon = ({ name }: { readonly name: IconName }): ReactElement => (
  <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);

/** Two that overlap. */
export const Mark = (): ReactElement => (
  <svg className="twins" viewBox="0 0 34 22" aria-hidden="true" focusable="false">
    <circle cx="12" cy="11" r="9" />
    <circle cx="22" cy="11" r="9" />
  </svg>
);
