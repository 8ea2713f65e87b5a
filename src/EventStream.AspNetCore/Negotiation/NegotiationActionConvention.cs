using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Mvc.ApplicationModels;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Adds the metadata of streams to the actions that may stream, at the app's start.</summary>
[RequiresUnreferencedCode(SequenceShape.UsesReflection)]
[RequiresDynamicCode(SequenceShape.UsesReflection)]
internal sealed class NegotiationActionConvention : IActionModelConvention
{
    public void Apply(ActionModel action)
    {
        if (SequenceShape.OfReturn(action.ActionMethod.ReturnType) is not { } shape) return;
        if (ProducedTypes.Of(action.Controller.Filters.Concat(action.Filters)) is { AllowStream: false }) return;
        foreach (var metadata in action.Selectors.Select(selector => selector.EndpointMetadata))
        {
            EventStreamEndpointMetadata.AddTo(metadata);

            // Frames are described by their payloads, with the content types of the app's formatters.
            if (shape.HoldsFrames) metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, shape.ArrayType));
        }
    }
}
