"""What stands beside a CR2 interval and does not decide: wild bootstrap and randomisation test."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headway.kernel.diagnostic import Diagnostic
from headway.kernel.identity import Json
from headway.measures.value.effect.base import Compared, Setting, diagnostic
from headway.measures.value.effect.record import LEVEL
from headway.statistics.clusters import ClusterFit, ClusterSums, least_clusters
from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.permutation import permutation_test
from headway.statistics.wild_bootstrap import Bootstrapped, wild_bootstrap

# Beyond it all answers are those of large samples, and draws would cost more than the sums did.
MOST_CLUSTERS = 1_000
# Below this the Satterthwaite approximation is not to be believed (measurement.md 4).
LEAST_DF = 4.0
# Degrees of freedom of a balanced design are whole numbers but for rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Regressed:
    """One regression over clusters: its sums, its fit, and where the treated arms stand in its columns."""

    sums: ClusterSums
    fitted: ClusterFit
    arms: tuple[str, ...]

    def weights(self, arm: str) -> FloatArray:
        """The contrast that picks the coefficient of an arm."""
        import numpy as np

        return np.asarray(np.arange(self.fitted.beta.size) == self.column(arm), dtype=np.float64)

    def column(self, arm: str) -> int:
        """The column of an arm: after the constant, in the order of declaration."""
        return 1 + self.arms.index(arm)


def with_resampled(setting: Setting, of: Regressed, compared: Compared, p_value: float) -> Compared:
    """The comparison with both tests in its details, and HW416 where the bootstrap says otherwise.

    Args:
        setting: the pilot.
        of: the regression the comparison came from.
        compared: the comparison.
        p_value: that of the coefficient by CR2 against no effect.
    """
    if of.fitted.clusters > MOST_CLUSTERS:
        return compared
    drawn = wild_bootstrap(of.fitted, of.weights(compared.arm))
    agrees = (drawn.p < 1 - LEVEL) == (p_value < 1 - LEVEL)
    figures: dict[str, Json] = {
        "bootstrap": {
            "t0": drawn.t,
            "p_value": drawn.p,
            "agrees": agrees,
            "draws": drawn.draws,
            "weights": drawn.weights,
        },
        "randomisation": _randomisation(setting, of, compared.arm),
    }
    notes = () if agrees else (_disagree(setting, compared, drawn, p_value),)
    return replace(compared, beside={**compared.beside, **figures}, notes=(*compared.notes, *notes))


def believable(contrast: Contrast) -> Contrast:
    """The contrast where its degrees of freedom carry an interval.

    Raises:
        Degenerate: `few_clusters` below `LEAST_DF`.
    """
    if contrast.df < LEAST_DF * (1 - _ROUNDING):
        raise Degenerate("few_clusters", f"{contrast.clusters} clusters give df {contrast.df:.1f}")
    return contrast


def enough_clusters() -> str:
    """How many clusters of like size the least degrees of freedom take, by how they are assigned."""
    each = least_clusters(LEAST_DF, within=False) // 2
    both = least_clusters(LEAST_DF, within=True)
    return f"assign at least {each} clusters of like size to each arm, or {both} that hold both arms each"


def more_clusters(fitted: ClusterFit, weights: FloatArray) -> str:
    """How many clusters the least degrees of freedom take: of like size, and as unequal as those seen.

    Args:
        fitted: the regression that had too few.
        weights: the contrast it was asked for.
    """
    words = enough_clusters()
    if fitted.clusters < least_clusters(LEAST_DF, within=False):
        return words
    # Satterthwaite's df grows with the number of clusters while their inequality stays.
    alike = round(fitted.clusters * LEAST_DF / fitted.degrees(weights) + 0.5)
    return f"{words}; as unequal as these {fitted.clusters} it takes about {alike}"


def _randomisation(setting: Setting, of: Regressed, arm: str) -> Json:
    others = [of.column(a) for a in of.arms if a != arm]
    assigned = setting.pilot.design == "clusters"
    found = permutation_test(of.sums, of.column(arm), others) if assigned else None
    if found is None:
        return "does not apply: units inside clusters were assigned"
    return {
        "null": "no unit changed",
        "p_value": found.p,
        "assignments": found.draws,
        "exact": found.exact,
        "clusters": found.clusters,
    }


def _disagree(setting: Setting, compared: Compared, drawn: Bootstrapped, p_value: float) -> Diagnostic:
    metric = f"{compared.metric} [{compared.arm}]" if len(setting.treated) > 1 else compared.metric
    sees, not_sees = ("the wild bootstrap", "CR2") if drawn.p < p_value else ("CR2", "the wild bootstrap")
    what = (
        f"{metric}: {sees} sees an effect and {not_sees} does not "
        f"(p {p_value:.3f} by CR2 with df {compared.contrast.df:.1f}, {drawn.p:.3f} by {drawn.draws:,} draws)"
    )
    mend = "keep to the interval, which is CR2's; more clusters settle it"
    return diagnostic(setting, "HW416", what, mend, "metric")
