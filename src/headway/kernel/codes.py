"""Every code a user can meet, with its weight and meaning. A code never changes its meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """Severity (``error``, ``warning`` or ``note``) and what the code means, in one line."""

    severity: str
    title: str


def _error(title: str) -> Code:
    return Code("error", title)


def _warning(title: str) -> Code:
    return Code("warning", title)


def _note(title: str) -> Code:
    return Code("note", title)


CODES: dict[str, Code] = {
    # 101-149 files
    "HW101": _error("the file is not YAML"),
    "HW102": _error("a key is given twice"),
    "HW103": _error("a key that no document of this kind has"),
    "HW104": _error("a required key is absent or empty"),
    "HW105": _error("a value cannot be read as what it should be"),
    "HW106": _error("a document of unknown kind"),
    "HW107": _error("a name is used twice for the same kind"),
    "HW108": _error("an anchor, alias, merge key or tag"),
    "HW109": _error("the file is larger or deeper than a person writes"),
    "HW110": _error("no portfolio.yaml, or a second one"),
    "HW111": _error("a version of the file format that this headway does not read"),
    "HW112": _error("the file cannot be opened or is not UTF-8"),
    "HW113": _error("a name that is not lower-case words joined by hyphens"),
    # 120-129 new portfolios and lists taken in
    "HW120": _error("something stands where new files would go"),
    "HW121": _error("a list that cannot be read as a table"),
    "HW122": _error("a list larger than a list of initiatives is"),
    "HW123": _error("a list without rows"),
    "HW124": _error("no column names the initiatives"),
    "HW125": _error("a sheet, a column or a field that is not there"),
    "HW126": _error("a table whose columns do not fill the fact"),
    # 130-133 an earlier state of the portfolio
    "HW130": _error("Git knows no such revision, or it is no day"),
    "HW131": _error("the folder is not in Git"),
    "HW132": _error("the portfolio as it was then cannot be loaded"),
    "HW133": _error("the earlier moment is not before the one judged"),
    # 150-156 problem first
    "HW150": _error("the problem is not stated"),
    "HW151": _warning("the problem names a tool"),
    "HW153": _warning("neither a quantity with a unit nor a baseline says how large the problem is"),
    "HW155": _warning("the problem names the initiative's own component"),
    "HW156": _warning("the north star is a P&L line"),
    # 201-221, 250-258 links
    "HW201": _error("a name that nothing declares"),
    "HW202": _error("a stage that needs a part which is not declared"),
    "HW211": _error("nobody is accountable"),
    "HW213": _error("the accountable person has left"),
    "HW214": _error("the sponsor is the accountable person"),
    "HW250": _error("outcomes drive each other in a circle"),
    "HW251": _error("no P&L line is reached within six edges"),
    "HW252": _error("a causal edge without an owner, or past its date"),
    "HW253": _warning("the path to money rests on an edge that nobody attested"),
    "HW254": _error("only a proxy leads to money"),
    # 301-330 sources and facts
    "HW301": _error("no file matches the path"),
    "HW302": _error("the file cannot be read as what it is said to be"),
    "HW303": _error("a column that the source does not have"),
    "HW304": _error("a column is of the wrong type"),
    "HW305": _error("the sql is not one SELECT over the table `file`"),
    "HW306": _error("the source does not answer"),
    "HW307": _error("an environment variable that the source needs is not set"),
    "HW308": _error("no plug-in of that kind, or no such fact"),
    "HW309": _error("an extra that the source needs is not installed"),
    "HW310": _error("a file of secrets cannot be read"),
    "HW311": _warning("a secret stands in clear in a file"),
    "HW312": _warning("a source holds rows of the future"),
    "HW313": _error("the sources of one table lie in different engines"),
    "HW314": _error("no exposure or series under a name that a pilot looks for"),
    # 340-374 bills, use, prices and factors
    "HW340": _error("the version of FOCUS is not the declared one, or none that is read"),
    "HW341": _error("a column that FOCUS demands is absent or empty"),
    "HW342": _error("a provider's EffectiveCost was rounded to whole numbers"),
    "HW343": _error("two currencies and no dated rate"),
    "HW344": _warning("rows whose ListCost is below their EffectiveCost"),
    "HW345": _note("a billing period that is not closed yet"),
    "HW346": _error("one billing period comes from two exports"),
    "HW347": _error("a monitoring system refuses a query, or its answer is not whole"),
    "HW348": _warning("no signal, or a poor one, tells how busy a GPU is"),
    "HW349": _warning("more use than there is"),
    "HW350": _warning("the unit of a use is not what is declared"),
    "HW351": _error("a price that is needed is not stated, or holds no more"),
    "HW352": _error("a pinned list of prices or factors has another content"),
    "HW353": _warning("more tokens from the cache than tokens went in"),
    "HW354": _warning("an idle share below nothing"),
    "HW360": _error("a cost basis for a provider that the bill does not have"),
    "HW361": _warning("rows that break a rule of FOCUS"),
    "HW370": _warning("series without the labels that name a workload"),
    "HW371": _note("a monitoring system says something beside its answer"),
    # 400-439 measures of value
    "HW400": _error("a randomised pilot that was not registered before its first exposure"),
    "HW401": _error("the design was changed after it was registered"),
    "HW402": _error("the arms do not split as declared"),
    "HW403": _error("who has no outcome depends on the arm"),
    "HW404": _error("more than one unit in a hundred met two arms"),
    "HW405": _error("a cluster stands in two arms"),
    "HW406": _error("an arm has fewer than two units, or no variance"),
    "HW407": _error("a pilot with two primary metrics"),
    "HW408": _error("a proxy is given as the primary metric"),
    "HW409": _warning("an open-ended metric is looked at more than once"),
    "HW410": _error("the numbers lose their digits even after a new shift"),
    "HW411": _error("more than one value in a thousand is not a finite number"),
    "HW412": _warning("summed rows without a variance are left out"),
    "HW413": _error("a relative effect on a control mean near zero"),
    "HW414": _error("a covariate that reaches beyond the exposure"),
    "HW415": _error("too few clusters for an interval"),
    "HW416": _warning("the wild bootstrap disagrees with the interval"),
    "HW417": _warning("treated units that nobody is left to be compared with"),
    "HW418": _warning("units that were treated from the first period on"),
    "HW419": _error("too few periods for the design"),
    "HW420": _error("a panel of more than twenty thousand cells"),
    "HW421": _warning("the effect of an interrupted series may be its own drift"),
    "HW422": _error("a series too short for its own memory"),
    "HW423": _error("units did not start in the order that was drawn"),
    "HW424": _warning("few past effects to hold a new one against"),
    "HW425": _error("all slots of the promotion budget are taken"),
    "HW426": _error("the envelope of the promotion budget does not hold what is asked"),
    "HW427": _error("the e-value of a slot is frozen already"),
    "HW428": _warning("two running pilots share units"),
    "HW429": _warning("the proxy moved and the outcome it stands for did not"),
    "HW430": _error("more than fifty levels of fixed effects"),
    "HW431": _error("the arms of the source are not those declared"),
    "HW432": _error("a pilot without the settings its design needs"),
    "HW433": _error("the data do not identify the effect"),
    "HW434": _error("a guardrail whose margin or kind does not fit it"),
    "HW435": _error("a guardrail that counts errors where units belong"),
    "HW436": _error("a promotion budget that was changed after an e-value was frozen under it"),
    "HW438": _error("snapshots that are not sums"),
    # 440-449 measures of spend
    "HW440": _warning("a history too short for advice"),
    "HW441": _warning("the level of use has shifted"),
    "HW442": _warning("bins of use are missing"),
    "HW443": _warning("too few samples of use"),
    "HW445": _error("the same cost is claimed twice"),
    "HW446": _error("shares of a component that are not together the whole"),
    "HW447": _warning("the invoice and the metered tokens differ by more than 2 %"),
    "HW448": _error("a unit cost without a unit"),
    "HW449": _warning("a carbon factor is old, or its year is not known"),
    # 453-457 measures of value, continued
    "HW450": _warning("an autoscaler follows a resource that would be sized"),
    "HW451": _warning("a signal that is too poor to size by"),
    "HW452": _warning("a saving outside what was promised"),
    "HW453": _warning("a pilot that is not likely to be decided by its end"),
    "HW454": _warning("a pilot that can hardly ever be promoted"),
    "HW455": _warning("a pilot whose length cannot be told"),
    "HW456": _error("an initiative without a design to register"),
    "HW457": _error("units stand in several rows"),
    "HW458": _warning("past effects without a usable standard error are left out"),
    "HW459": _error("a baseline that its source cannot give"),
    # 460-464 measures of spend, continued
    "HW460": _error("a shared component that cannot be divided"),
    "HW461": _warning("a driver without readings for what it divides"),
    # 905-907 rollouts
    "HW905": _error("rows that are not one per unit and period"),
    "HW906": _warning("units of a rollout that take no part"),
    "HW907": _error("an order that may not be drawn"),
    # 501-506, 523-529 gates and decisions
    "HW475": _error("an advice that cannot be recorded as applied"),
    "HW483": _warning("no component says by which source it is metered"),
    "HW484": _warning("a meter without a row in its history"),
    "HW501": _error("a gate without a requirement"),
    "HW502": _error("a predicate or a measure that nothing registers"),
    "HW503": _error("a point value is judged where an interval end is due"),
    "HW504": _error("a requirement that may not be dropped or waived"),
    "HW505": _error("a path that the initiative's document does not have"),
    "HW506": _error("a change to a requirement or an operating model that does not exist"),
    "HW507": _error("days of an adopted requirement that do not follow one another"),
    "HW508": _error("an adopted requirement that this version cannot judge"),
    "HW509": _error("a change that cannot be put into a file without rewriting it"),
    "HW523": _error("an approval of a gate that is not met"),
    "HW527": _error("a decision that needs a comment has none"),
    "HW528": _error("nobody by that name may decide"),
    # 601-610 ledger
    "HW601": _error("the chain of the ledger is broken"),
    "HW605": _error("the ledger is shorter than, or other than, its committed head"),
    "HW606": _error("a decision does not replay to the verdict it recorded"),
    "HW607": _warning("a decision judged by another version of the rules cannot be replayed here"),
    "HW608": _error("a pinned item is absent or altered"),
    "HW609": _error("an entry is not in canonical form"),
    "HW610": _error("the ledger did not take the entry"),
    "HW611": _warning("the committed head is behind the ledger"),
    # 750-753 planning of capacity
    "HW750": _warning("no order serves the demand that is forecast"),
    "HW751": _warning("more is committed than pays even if use comes at the upper bound of its forecast"),
    "HW752": _warning("a commitment that binds far longer than its use is known"),
    "HW753": _warning("something takes longer to come than demand is forecast for"),
    # 908-909 one treated group
    "HW908": _error("no single treated group with a value in every period beside groups without treatment"),
    "HW909": _warning("groups are left out of a comparison"),
}
