import handlebars from "handlebars";
import { INK } from "../../../schema/wire/accents.ts";

/** What every letter is made of, whether as a page or as plain words. */
export interface Sheet {
  readonly subject: string;
  /** What a list of mails shows behind the subject. */
  readonly preview: string;
  readonly heading: string;
  /** Paragraphs. */
  readonly words: readonly string[];
  /** To be read and typed. */
  readonly code: string | null;
  readonly button: { readonly label: string; readonly link: string } | null;
  /** Small print below. */
  readonly small: readonly string[];
  readonly unsubscribeLink: string | null;
  /** CSS colour of the button. */
  readonly accent: string;
}

const NO_MORE = "No more mail of this kind";

/**
 * Tables, widths and styles in place: what old mail programs understand. Narrow screens need nothing else. What follows
 * the preview keeps lists of mails from showing more than that.
 */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{subject}}</title>
<style>
  @media (prefers-color-scheme: dark) {
    .back { background: #14111c !important; }
    .sheet { background: #1f1a2b !important; border-color: #342c47 !important; }
    .ink { color: #f4f0fb !important; }
    .soft { color: #b3a9c6 !important; }
    .code { background: #2a2339 !important; color: #f4f0fb !important; }
  }
</style>
</head>
<body class="back" style="margin:0;padding:0;background:#f5f2fa;">
<div style="display:none;max-height:0;overflow:hidden;">{{preview}}${"&#847;&zwnj;&nbsp;".repeat(60)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="back" style="background:#f5f2fa;">
<tr><td align="center" style="padding:32px 16px;">
<table role="presentation" width="520" cellpadding="0" cellspacing="0" style="width:100%;max-width:520px;">
<tr><td style="padding:0 8px 16px;font:600 15px/1.4 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;">
<span style="display:inline-block;width:11px;height:11px;border-radius:50%;background:{{accent}};"></span><span style="display:inline-block;width:11px;height:11px;border-radius:50%;background:{{accent}};opacity:.55;margin-left:-4px;"></span>
<span class="ink" style="color:#17131f;padding-left:6px;">Twinship</span></td></tr>
<tr><td class="sheet" style="background:#ffffff;border:1px solid #e6dff2;border-radius:16px;padding:32px 28px;font:400 16px/1.55 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;">
<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:1.3;font-weight:650;color:#17131f;">{{heading}}</h1>
{{#each words}}<p class="ink" style="margin:0 0 14px;color:#2c2638;">{{this}}</p>
{{/each}}{{#if code}}<p class="code ink" style="margin:18px 0;padding:16px;border-radius:12px;background:#f5f2fa;color:#17131f;font:700 26px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px;text-align:center;">{{code}}</p>
{{/if}}{{#if button}}<table role="presentation" cellpadding="0" cellspacing="0" style="margin:22px 0 8px;"><tr><td style="border-radius:12px;background:{{accent}};">
<a href="{{button.link}}" style="display:inline-block;padding:13px 24px;font-weight:650;color:${INK};text-decoration:none;">{{button.label}}</a></td></tr></table>
<p class="soft" style="margin:14px 0 0;font-size:13px;color:#6d6480;">Or open this address: <a href="{{button.link}}" class="soft" style="color:#6d6480;word-break:break-all;">{{button.link}}</a></p>
{{/if}}</td></tr>
<tr><td style="padding:18px 8px;font:400 13px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;">
{{#each small}}<p class="soft" style="margin:0 0 8px;color:#6d6480;">{{this}}</p>
{{/each}}{{#if unsubscribeLink}}<p class="soft" style="margin:0;color:#6d6480;"><a href="{{unsubscribeLink}}" class="soft" style="color:#6d6480;">${NO_MORE}</a></p>
{{/if}}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;

const page = handlebars.compile<Sheet>(PAGE, { strict: true });

/** A sheet as a page: whatever is put into it is shown as text. */
export const html = (sheet: Sheet): string => page(sheet);

/** A sheet in plain words, which nobody reads as markup. */
export function text({ heading, words, code, button, small, unsubscribeLink }: Sheet): string {
  const parts = [
    heading,
    ...words,
    ...(code === null ? [] : [`    ${code}`]),
    ...(button === null ? [] : [`${button.label}:\n${button.link}`]),
    ["-- ", "Twinship", ...small].join("\n"),
  ];
  const ending = unsubscribeLink === null ? "" : `\n${NO_MORE}: ${unsubscribeLink}`;
  return `${parts.join("\n\n")}${ending}\n`;
}
