import type { ReportContents } from "../../../domain/assessment-reports.ts";
import { nameOf } from "../../../domain/scoring/bank.ts";
import type { PremiumComparisonView } from "../../../schema/wire/assessment-comparison.ts";
import { Category, Composite, type Locale, type RecommendationView } from "../../../schema/wire/assessments.ts";
import { bar, dumbbells, legend, radar } from "./charts.ts";
import { FAINT, Sheet } from "./sheet.ts";
import { type ReportWords, reportWords } from "./words.ts";

/** The whole report. It takes some hundredths of a second of a processor: not for the event loop. */
export function drawReport({ results, comparison, completedAt, locale }: ReportContents): Promise<Uint8Array> {
  const words = reportWords[locale];
  const sheet = new Sheet(words.title, locale);
  const { composites, levels, percentiles, profile, warnings, subscales, recommendations } = results;
  sheet.title(words.title);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(completedAt);
  sheet.text(words.completed(date, results.answered, results.total), { color: FAINT });
  sheet.gap(14);
  for (const id of Composite.options) {
    const { name, says } = words.composites[id];
    const [value, level, percentile] = [composites[id], levels[id], percentiles.composites[id]];
    const said = value === null || level === null ? words.notAnswered : `${value} · ${words.levels[level]}`;
    bar(sheet, { name, value }, percentile === null ? says : `${says} · ${words.percentile(percentile)}`, said);
  }
  sheet.heading(`${words.profile}: ${profile.name}`);
  sheet.text(profile.description);
  for (const { message } of warnings) sheet.text(`! ${message}`, { color: FAINT });
  sheet.heading(words.subscales, 370);
  radar(
    sheet,
    Category.options.map((id) => ({ name: nameOf(id, locale), value: subscales[id] })),
  );
  sheet.text(percentiles.note, { size: 8, color: FAINT });
  if (comparison) drawComparison(sheet, comparison, words, locale);
  if (recommendations.length > 0) sheet.heading(words.tryThis, 120);
  for (const recommendation of recommendations) drawRecommendation(sheet, recommendation, words);
  return sheet.finish(words.page, words.note);
}

function drawComparison(sheet: Sheet, of: PremiumComparisonView, words: ReportWords, locale: Locale): void {
  sheet.pdf.addPage();
  sheet.heading(words.together);
  sheet.text(words.compatibility(of.compatibility), { size: 12, isBold: true });
  sheet.gap(6);
  legend(sheet, words.you, words.twin);
  dumbbells(sheet, [
    ...of.composites.map(({ id, ...scores }) => ({ ...scores, name: words.composites[id].name })),
    ...of.categories,
  ]);
  const found = [
    [words.strengths, of.strengths.map(({ category, message }) => `${nameOf(category, locale)}: ${message}`)],
    [words.growth, of.growth.map(({ category, message }) => `${nameOf(category, locale)}: ${message}`)],
    [words.risks, of.risks.map(({ message }) => message)],
  ] as const;
  for (const [heading, lines] of found) {
    if (lines.length > 0) sheet.heading(heading, 60);
    for (const line of lines) sheet.text(line);
  }
}

function drawRecommendation(sheet: Sheet, { title, why, experiment }: RecommendationView, words: ReportWords): void {
  sheet.room(110);
  sheet.gap(8);
  sheet.text(title, { size: 11, isBold: true });
  sheet.text(why);
  sheet.gap(4);
  sheet.text(`${experiment.title} (${experiment.duration})`, { isBold: true, indent: 12 });
  for (const [at, step] of experiment.instructions.entries()) sheet.text(`${at + 1}. ${step}`, { indent: 12 });
  sheet.text(`${words.expect}: ${experiment.outcome}`, { indent: 12, color: FAINT });
  sheet.text(`${words.count}: ${experiment.metrics.join("; ")}`, { indent: 12, color: FAINT });
}
