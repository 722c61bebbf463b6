"""The metrics of each system, by the names that its exporter has or had."""

from __future__ import annotations

from typing import get_args

import pytest

from headway.portfolio.telemetry import ProfileName
from headway.sources.profiles import profile_of

NAMES = {
    "dcgm": """DCGM_FI_PROF_SM_ACTIVE DCGM_FI_PROF_GR_ENGINE_ACTIVE DCGM_FI_DEV_GPU_UTIL
        DCGM_FI_DEV_POWER_USAGE DCGM_FI_DEV_FB_USED DCGM_FI_DEV_FB_FREE DCGM_FI_DEV_FB_RESERVED
        DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION""",
    "kube": """container_cpu_usage_seconds_total container_memory_working_set_bytes
        kube_pod_container_resource_requests kube_pod_container_resource_limits
        kube_pod_container_status_last_terminated_reason""",
    "vllm": """vllm:num_requests_running vllm:num_requests_waiting vllm:kv_cache_usage_perc
        vllm:gpu_cache_usage_perc vllm:prompt_tokens_total vllm:generation_tokens_total
        vllm:prefix_cache_hits vllm:prefix_cache_hits_total vllm:prefix_cache_queries
        vllm:prefix_cache_queries_total vllm:request_success_total vllm:time_to_first_token_seconds
        vllm:e2e_request_latency_seconds vllm:request_queue_time_seconds""",
    "otel_genai": """gen_ai.client.token.usage gen_ai.usage.cache_read.input_tokens
        gen_ai.usage.cache_creation.input_tokens gen_ai.client.inference.usage.input_tokens
        gen_ai.client.inference.usage.output_tokens
        gen_ai.client.inference.usage.cache_read.input_tokens
        gen_ai.client.inference.usage.cache_write.input_tokens
        gen_ai.client.inference.usage.reasoning.output_tokens gen_ai.client.operation.duration""",
}


@pytest.mark.parametrize("name", get_args(ProfileName))
def test_a_profile_knows_its_metrics_by_every_name(name: str) -> None:
    """Old and new; OpenTelemetry's by the convention's own name."""
    metrics = [m for r in profile_of(name).resources for m in (*r.names, *r.granted, *r.capacity)]
    assert set(NAMES[name].split()) <= {m.of or m.name for m in metrics}
    assert profile_of(name).profile == name


def test_the_ladder_is_in_order() -> None:
    """The first rung that is there wins, so the best comes first; a percentage becomes a share."""
    (gpu,) = [r for r in profile_of("dcgm").resources if r.resource == "gpu"]
    assert [(m.rung, m.scale) for m in gpu.names] == [("R1", 1), ("R2", 1), ("R3", 0.01), ("R4", 1)]


def test_energy_is_counted_in_millijoules() -> None:
    """A kWh is 3.6e9 of them."""
    (energy,) = [r for r in profile_of("dcgm").resources if r.resource == "energy"]
    assert (energy.reads, energy.unit) == ("amount", "kWh")
    assert energy.names[0].scale * 3.6e9 == pytest.approx(1)
