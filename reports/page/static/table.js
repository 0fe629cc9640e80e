"use strict";

// Decompresses JSON that the page contains.
async function unpack(element) {
  const bytes = Uint8Array.from(atob(element.textContent), (each) => each.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

const find = (selector) => document.querySelector(selector);
const filled = (text, ...values) => text.replace(/\{(\d)\}/g, (_, at) => values[at]);
const starts = (counts) => { let at = 0; return counts.map((count) => (at += count) - count); };
const element = (tag, properties = {}, ...inside) => { const made = Object.assign(document.createElement(tag), properties); made.append(...inside); return made; };

// The data of the table, with lookups that are used repeatedly.
function indexed(data) {
  const { cases, answers, targets } = data;
  const name = (column, at) => column.names[column.codes[at]];
  const ids = cases.name.map((each, at) => `${name(cases.file, at)}::${each}`);
  const first = { answers: starts(cases.count), findings: starts(answers.count) };
  const call = answers.way.names.indexOf("call"), numbered = answers.target.names.map((each) => targets.indexOf(each));
  const cells = cases.count.map((count, at) => {
    const row = new Int32Array(targets.length).fill(-1);
    for (let each = first.answers[at]; each < first.answers[at] + count; each++) if (answers.way.codes[each] === call) row[numbered[answers.target.codes[each]]] = each;
    return row;
  });
  const words = ids.map((id, at) => `${id} ${cases.about[at]} ${name(cases.op, at)}`.toLowerCase());
  return { ...data, name, ids, first, cells, words, numbers: new Map(ids.map((id, at) => [id, at])) };
}

// Whether only one target's answer to a case differs while all others agree; and whether two differ.
const given = (data, at) => [...data.cells[at]].map((each) => (each < 0 ? 0 : data.answers.group[each]));
function alone(data, at, target) {
  const groups = given(data, at);
  const others = groups.filter((group, each) => group && each !== target);
  return groups[target] > 0 && others.length > 1 && new Set(others).size === 1 && others[0] !== groups[target];
}
function apart(data, at, one, other) {
  const groups = given(data, at);
  return groups[one] > 0 && groups[other] > 0 && groups[one] !== groups[other];
}

// The filter as a function of a case; a value that the run does not have matches nothing.
// A key of both answers and findings is one of findings where another filter of findings is set.
function filter(data, wanted) {
  const { cases, answers, filters, targets } = data;
  const code = (column, value) => column.names.map(String).indexOf(value);
  const conditions = (level, keys) => keys.filter((key) => wanted[key] !== undefined).map((key) => [data[level][key].codes, code(data[level][key], wanted[key])]);
  const target = (value) => (value === undefined ? null : targets.indexOf(value));
  const shared = filters.findings.filter((key) => filters.answers.includes(key)), unshared = (level) => filters[level].filter((key) => !shared.includes(key));
  const ofCase = conditions("cases", filters.cases), ofFinding = conditions("findings", unshared("findings"));
  const ofAnswer = conditions("answers", ofFinding.length ? unshared("answers") : filters.answers);
  if (ofFinding.length) ofFinding.push(...conditions("findings", shared));
  const only = target(wanted.only), one = target(wanted.x), other = target(wanted.y);
  const words = (wanted.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (conditions, at) => conditions.every(([column, value]) => column[at] === value);
  const some = (from, count, test) => { for (let at = from; at < from + count; at++) if (test(at)) return true; return false; };
  return (at) =>
    holds(ofCase, at) && words.every((word) => data.words[at].includes(word))
    && (only === null || alone(data, at, only)) && (one === null || other === null || apart(data, at, one, other))
    && (!(ofAnswer.length || ofFinding.length) || some(data.first.answers[at], cases.count[at], (answer) => holds(ofAnswer, answer)
      && (!ofFinding.length || some(data.first.findings[answer], answers.count[answer], (finding) => holds(ofFinding, finding)))));
}

// A cell of the table: the verdict's symbol, and a letter where a case has several answers; in words for screen readers.
function shown(data, at, target) {
  const answer = data.cells[at][target];
  if (answer < 0) return element("span", { className: "none", title: data.texts.nothing });
  const verdict = data.name(data.answers.verdict, answer), group = data.answers.group[answer];
  const several = Math.max(...given(data, at)) > 1 && group > 0;
  const letter = several ? String.fromCharCode(64 + Math.min(group, 26)) : "";
  const word = data.name(data.answers.name, answer) || data.verdicts[verdict];
  const text = several ? `${word}, ${filled(data.texts.answer, letter)}` : word;
  return element("span", { className: `v ${verdict}`, title: `${data.targets[target]}: ${text}` },
    element("b", { ariaHidden: "true" }, data.symbols[verdict] + letter), element("span", { className: "hidden" }, text));
}

function columns(data) {
  const name = { title: data.texts.case, field: "name", frozen: true, width: Math.min(300, innerWidth * 0.45), formatter: (cell) => named(data, cell.getData().at) };
  const ofCases = data.columns.map(({ key, title, width }) => ({ title, field: key, width }));
  const targets = data.families.flatMap(([family, members, folds]) => {
    const each = members.map((title) => targetColumn(data, title, [data.targets.indexOf(title)], `t${data.targets.indexOf(title)}`));
    return folds ? [targetColumn(data, `${family} ${members.length}`, members.map((title) => data.targets.indexOf(title)), `family ${family}`), ...each] : each;
  });
  return [name, ...ofCases, ...targets];
}

// The column of a target, or of a closed family of targets.
function targetColumn(data, title, members, field) {
  const worst = (at) => Math.max(...members.map((target) => worth(data, at, target)));
  return {
    title, field, width: 46, hozAlign: "center", cssClass: members.length > 1 ? "target-column family-column" : "target-column", headerTooltip: title, headerSortStartingDir: "desc",
    sorter: (one, other, first, second) => worst(first.getData().at) - worst(second.getData().at),
    formatter: (cell) => shownTogether(data, cell.getData().at, members),
  };
}

// A cell of a closed family: what its targets share, or else the worst verdict with the number of targets that have it.
function shownTogether(data, at, members) {
  const answered = members.filter((target) => data.cells[at][target] >= 0);
  const answers = new Set(answered.map((target) => `${data.name(data.answers.verdict, data.cells[at][target])} ${data.answers.group[data.cells[at][target]]}`));
  if (answers.size < 2) return shown(data, at, answered[0] ?? members[0]);
  const counts = {};
  for (const target of answered) counts[data.name(data.answers.verdict, data.cells[at][target])] = (counts[data.name(data.answers.verdict, data.cells[at][target])] ?? 0) + 1;
  const verdicts = Object.keys(counts).sort((one, other) => data.order.indexOf(one) - data.order.indexOf(other));
  const text = verdicts.map((verdict) => `${data.verdicts[verdict]} ${counts[verdict]}`).join(", ");
  return element("span", { className: `v ${verdicts[0]}`, title: text },
    element("b", { ariaHidden: "true" }, `${data.symbols[verdicts[0]]}${counts[verdicts[0]]}`), element("span", { className: "hidden" }, text));
}
const worth = (data, at, target) => (data.cells[at][target] < 0 ? -1 : data.order.length - data.order.indexOf(data.name(data.answers.verdict, data.cells[at][target])));
// The address of a view: filters, or a case, and the families that are open.
const address = (values) => `#${new URLSearchParams(openFamilies.size ? { ...values, open: [...openFamilies].join(",") } : values)}`;
const openFamilies = new Set();
const named = (data, at) => element("span", {}, element("a", { href: address({ ...wanted(), case: data.ids[at] }) }, data.cases.name[at]), element("small", {}, data.name(data.cases.file, at)));
